// Everything a command needs before it can work, got once: `node scripts/setup.mjs [--browser]`.
// Runs on node's own modules alone, since node_modules may not be there yet.
import { isMain, main } from "./lib/run.mjs";
import { browserAndDriver } from "./setup/browser.mjs";
import { otherEngines } from "./setup/engines.mjs";
import { nodeModules } from "./setup/node-modules.mjs";
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

if (isMain(import.meta)) main(() => setup({ driver: process.argv.includes("--browser") }));
