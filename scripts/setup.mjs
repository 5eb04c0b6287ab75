// Everything a command needs before it can work, got once: `node scripts/setup.mjs`, and with `--tests` what only tests need.
// Runs on node's own modules alone, since node_modules may not be there yet.
import { isMain, main } from "./lib/run.mjs";
import { browserAndDriver } from "./setup/browser.mjs";
import { ENGINES, otherEngines } from "./setup/engines.mjs";
import { nodeModules } from "./setup/node-modules.mjs";
import { pythonEnvironment } from "./setup/python.mjs";
import { rustToolchain } from "./setup/rust.mjs";
import { bindgen, testRunner } from "./setup/wasm-bindgen.mjs";

/** `browser`: for pages; `driver`: also its WebDriver and the runner of the wasm tests; `engines`: see setup/engines.mjs. */
export async function setup({ rust = true, browser = false, driver = false, engines = [] } = {}) {
  await Promise.all([nodeModules(), rust && rustTools(driver)]);
  if (browser || driver) await browserAndDriver(driver);
  await otherEngines(engines);
}

async function rustTools(tests) {
  await rustToolchain();
  await bindgen();
  if (tests) await testRunner();
}

/** What is fetched comes first, so that it waits for the network while something else compiles. */
async function forTests() {
  await Promise.all([
    pythonEnvironment(),
    browserAndDriver(true).then(() => otherEngines(Object.keys(ENGINES))),
  ]);
  await testRunner();
}

if (isMain(import.meta)) main(process.argv.includes("--tests") ? forTests : setup);
