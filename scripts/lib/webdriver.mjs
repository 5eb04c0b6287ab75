// The wasm tests' browser: crate/webdriver.json says how it is started, but not which one it is.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

const CHROME = "goog:chromeOptions";

/** Writes crate/webdriver.json with that browser added; returns the path, for WASM_BINDGEN_TEST_WEBDRIVER_JSON. */
export function webdriverJson(browser) {
  const wanted = JSON.parse(readFileSync(join(ROOT, "crate", "webdriver.json"), "utf8"));
  const folder = join(ROOT, "target");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "webdriver.json");
  // Without a binary the driver starts whichever browser it finds first.
  writeFileSync(path, JSON.stringify({ ...wanted, [CHROME]: { ...wanted[CHROME], binary: browser } }));
  return path;
}
