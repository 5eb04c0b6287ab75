// `npm run check`: formatting, lints and types, of Rust and TypeScript. `--fix` mends what can be mended.
import { build } from "./build.mjs";
import { browserTests } from "./lib/cargo.mjs";
import { Failure, main, node, npmBin, run, say } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

const DENY = ["--", "-D", "warnings"];
const WASM = [
  "--package",
  "patchbay",
  "--target",
  "wasm32-unknown-unknown",
  "--release",
  "--features",
  "gpu",
];

main(async () => {
  const args = process.argv.slice(2);
  if (args.some((arg) => arg !== "--fix"))
    throw new Failure(`npm run check: expected nothing or --fix, found ${args.join(" ")}`, 2);
  const fix = args.length > 0;
  await setup();
  const failed = [];
  const step = async (title, work) => {
    say(`== ${title}`);
    await work().catch((error) => {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
      failed.push(title);
    });
  };
  await step("biome", () =>
    node(npmBin("@biomejs/biome", "biome"), ["check", "--error-on-warnings", ...(fix ? ["--write"] : [])]),
  );
  await step("rustfmt", () => run("cargo", ["fmt", "--all", ...(fix ? [] : ["--check"])]));
  await step("clippy, native", () => run("cargo", ["clippy", "--workspace", "--all-targets", ...DENY]));
  await step("clippy, wasm", () => run("cargo", ["clippy", "--lib", ...browserTests(), ...WASM, ...DENY]));
  // The page's types include those that wasm-pack generates.
  await step("tsc", async () => {
    await build({ only: ["cpu", "gpu"], optimise: false });
    await node(npmBin("typescript", "tsc"), ["--noEmit"]);
  });
  if (failed.length > 0) throw new Failure(`check failed: ${failed.join(", ")}`);
  say("check passed");
});
