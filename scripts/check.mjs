// `npm run check`: formatting, lints and types, of Rust and TypeScript. `--fix` mends what can be mended.
import { build } from "./build.mjs";
import { browserTests, WHOLE } from "./lib/cargo.mjs";
import { Failure, main, node, npmBin, run } from "./lib/run.mjs";
import { runSteps } from "./lib/steps.mjs";
import { setup } from "./setup.mjs";

const DENY = ["--", "-D", "warnings"];

main(async () => {
  const args = process.argv.slice(2);
  if (args.some((arg) => arg !== "--fix"))
    throw new Failure(`npm run check: expected nothing or --fix, found ${args.join(" ")}`, 2);
  const fix = args.length > 0;
  await setup();
  await runSteps("npm run check", [
    [
      "biome",
      "formatting and lints of TypeScript and JavaScript",
      () =>
        node(npmBin("@biomejs/biome", "biome"), [
          "check",
          "--error-on-warnings",
          ...(fix ? ["--write"] : []),
        ]),
    ],
    ["rustfmt", "formatting of Rust", () => run("cargo", ["fmt", "--all", ...(fix ? [] : ["--check"])])],
    [
      "clippy",
      "lints of Rust, native, and of the fuzz targets",
      () => run("cargo", ["clippy", "--workspace", "--all-targets", ...WHOLE, ...DENY]),
    ],
    [
      "clippy-wasm",
      "lints of Rust, for the browser",
      () => run("cargo", ["clippy", "--lib", ...browserTests(), ...DENY]),
    ],
    ["tsc", "types, with those that wasm-bindgen makes", types],
  ]);
});

async function types() {
  await build({ only: ["cpu", "gpu"], optimise: false });
  await node(npmBin("typescript", "tsc"), ["--noEmit"]);
}
