// `npm test`: everything, or the steps named: `npm test -- rust wasm build unit e2e firefox webkit headless reference`, and
// `npm test -- python`, which is run only where it is named: it installs 5 GB.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { browserTests, NATIVE } from "./lib/cargo.mjs";
import { findPair } from "./lib/find-browser.mjs";
import { findReference } from "./lib/reference.mjs";
import { Failure, main, node, npmBin, ROOT, run } from "./lib/run.mjs";
import { NotRun, runSteps } from "./lib/steps.mjs";
import { webdriverJson } from "./lib/webdriver.mjs";
import { lackOf } from "./setup/engines.mjs";
import { pythonEnvironment } from "./setup/python.mjs";
import { setup } from "./setup.mjs";

const STEPS = [
  ["rust", "Rust, native", () => run("cargo", ["test", ...NATIVE])],
  ["wasm", "Rust in the browser (CPU and WebGPU)", wasmTests],
  ["build", "production build", () => build()],
  ["unit", "units of the page and of the scripts", unitTests],
  ["e2e", "end to end, on the production build", endToEnd],
  ["firefox", "the page in Firefox, and on its WebGPU", () => inEngine("firefox")],
  ["webkit", "the page in WebKit", () => inEngine("webkit")],
  ["headless", "the headless and the native command", headlessTests],
  ["reference", "the reference's larger figures", reference],
  ["python", "the programs for other libraries, run with these", pythonTests],
];

/** What is not run unless it is named. */
const NAMED_ONLY = ["python"];

/** What a step needs besides, where that can be had: see setup/engines.mjs. */
const ENGINES = { firefox: ["firefox", "lavapipe"], webkit: ["webkit"] };

async function wasmTests() {
  const { browser, driver } = await findPair();
  const env = {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner",
    CHROMEDRIVER: driver,
    // The first WebGPU kernels compile for seconds on a software adapter; the runner's own limit is 20 s.
    WASM_BINDGEN_TEST_TIMEOUT: "600",
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60",
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriverJson(browser),
  };
  await run("cargo", ["test", ...browserTests()], { env });
}

async function unitTests() {
  await node(npmBin("vitest"), ["run"]);
  await nodeTests(join("scripts", "lib"));
  await nodeTests(join("scripts", "lib", "engines"));
  await nodeTests(join("scripts", "bench", "peers"));
}

/** Those that take longest, begun first. */
const LONG = [
  "storage",
  "webgpu",
  "download",
  "runs",
  "offline",
  "axe",
  "figures",
  "decompose",
  "prompts",
  "access",
];

async function endToEnd() {
  await build();
  // Two at a time: a browser waits a lot.
  await nodeTests(join("tests", "e2e"), { atOnce: 2, first: LONG.map((name) => `${name}.test.mjs`) });
}

async function inEngine(name) {
  const lack = await lackOf(name);
  if (lack !== null) return new NotRun(lack);
  await build();
  await nodeTests(join("tests", "engines", name));
}

async function headlessTests() {
  await builtForCommands();
  await nodeTests(join("tests", "headless"));
}

async function reference() {
  const { folder, missing } = await findReference();
  if (missing) return new NotRun(missing);
  await builtForCommands();
  await nodeTests(join("tests", "reference"), { env: { REFERENCE: folder } });
}

async function pythonTests() {
  const { python, lack } = await pythonEnvironment();
  if (lack) return new NotRun(lack);
  await nativeCommand();
  await nodeTests(join("tests", "python"), { env: { PYTHON: python } });
}

/** The step "rust" has built the native command: this takes no time, unless a later step was asked for alone. */
async function builtForCommands() {
  await nativeCommand();
  await build();
}

const nativeCommand = () => run("cargo", ["build", "--package", "patchbay", ...NATIVE]);

/** All files of a folder, one after another, or so many at a time; `first`: those that take longest. */
async function nodeTests(folder, { env = {}, atOnce = 1, first = [] } = {}) {
  const names = readdirSync(join(ROOT, folder)).filter((f) => f.endsWith(".test.mjs"));
  if (names.length === 0) throw new Failure(`no *.test.mjs in ${folder}`);
  const rank = (name) => (first.includes(name) ? first.indexOf(name) : first.length);
  const files = names.sort().sort((a, b) => rank(a) - rank(b));
  const runner = join(ROOT, "scripts", "lib", "test-files.mjs");
  await node(runner, [String(atOnce), ...files.map((f) => join(folder, f))], { env });
}

main(async () => {
  const named = process.argv.slice(2);
  const names = STEPS.map(([name]) => name);
  const odd = named.find((name) => !names.includes(name));
  if (odd) throw new Failure(`no test step "${odd}": expected some of ${names.join(", ")}`, 2);
  const usual = (name) => named.length === 0 && !NAMED_ONLY.includes(name);
  const steps = STEPS.filter(([name]) => usual(name) || named.includes(name));
  const browser = steps.some(([name]) => !NAMED_ONLY.includes(name));
  await setup({ browser, driver: browser, engines: steps.flatMap(([name]) => ENGINES[name] ?? []) });
  await runSteps("npm test", steps);
});
