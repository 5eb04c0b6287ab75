// `npm test`: everything, or the steps named: `npm test -- rust wasm build unit e2e`.
// All steps run, the runners' own output is shown, and a summary closes it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { findDriver } from "./lib/browser.mjs";
import { browserTests } from "./lib/cargo.mjs";
import { Failure, main, node, npmBin, ROOT, run, say } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

const STEPS = {
  rust: ["Rust, native", () => run("cargo", ["test", "--workspace"])],
  wasm: ["Rust in the browser (CPU and WebGPU)", wasmTests],
  build: ["production build", () => build()],
  unit: ["units of the page and of the scripts", unitTests],
  e2e: ["end to end, on the production build", endToEnd],
};

function wasmTests() {
  const driver = ["--headless", "--chrome", "--chromedriver", findDriver()];
  // Options come before the crate's folder: what follows it goes to cargo.
  const args = [
    "test",
    "--mode",
    "no-install",
    ...driver,
    "--release",
    "crate",
    "--features",
    "gpu",
    ...browserTests(),
  ];
  // The first WebGPU kernels compile for seconds on a software adapter; the runner's own limit is 20 s.
  const env = { WASM_BINDGEN_TEST_TIMEOUT: "600", WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60" };
  return run("wasm-pack", args, { env });
}

async function unitTests() {
  await node(npmBin("vitest"), ["run"]);
  await nodeTests(join("scripts", "lib"));
}

async function endToEnd() {
  await build();
  await nodeTests(join("tests", "e2e"));
}

async function nodeTests(folder) {
  const files = readdirSync(join(ROOT, folder)).filter((f) => f.endsWith(".test.mjs"));
  if (files.length === 0) throw new Failure(`no *.test.mjs in ${folder}`);
  // One after another: each has a browser of its own, and time limits mean little when they share two cores.
  const flags = ["--test", "--test-concurrency=1", "--test-reporter=spec"];
  await run(process.execPath, [...flags, ...files.sort().map((f) => join(folder, f))]);
}

main(async () => {
  const named = process.argv.slice(2);
  const odd = named.find((name) => !(name in STEPS));
  if (odd) throw new Failure(`no test step "${odd}": expected some of ${Object.keys(STEPS).join(", ")}`, 2);
  const chosen = Object.entries(STEPS).filter(([name]) => named.length === 0 || named.includes(name));

  await setup({ browser: true, driver: true });
  const summary = [];
  for (const [name, [title, step]] of chosen) {
    say(`\n== ${name}: ${title}`);
    const begun = performance.now();
    const error = await step().then(
      () => null,
      (e) => e,
    );
    if (error) say(error instanceof Failure ? error.message : error.stack);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    summary.push(`${error ? "FAILED" : "passed"}  ${name.padEnd(5)} ${`${seconds} s`.padStart(6)}  ${title}`);
    if (error) process.exitCode = 1;
  }
  say(`\n== npm test\n${summary.join("\n")}`);
});
