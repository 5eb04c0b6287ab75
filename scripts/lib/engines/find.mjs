// The other engines: Firefox, for its WebGPU a Vulkan driver in software, and WebKitGTK with its WebDriver and a display.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { candidates, onPath } from "../find-browser.mjs";
import { capture } from "../run.mjs";

const FIREFOX_PLACES = {
  darwin: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
  win32: [join(process.env.PROGRAMFILES ?? "", "Mozilla Firefox/firefox.exe")],
};

/** Path of a Firefox that starts, or null: Ubuntu's is a stub that asks for a snap. */
export async function findFirefox() {
  const places = FIREFOX_PLACES[process.platform] ?? [];
  for (const path of candidates("FIREFOX_BIN", ["firefox-esr", "firefox"], places))
    if ((await capture(path, ["--version"], { timeout: 20_000 })) !== null) return path;
  return null;
}

/** Where Mesa's Vulkan driver in software is described, for VK_DRIVER_FILES; or null. */
export function findLavapipe() {
  const folder = "/usr/share/vulkan/icd.d";
  const name = namesIn(folder).find((name) => /^lvp_icd.*\.json$/.test(name));
  return name === undefined ? null : join(folder, name);
}

/** WebKitGTK's WebDriver, the browser that it drives, and a display in memory for both; or `missing`: their names. */
export function findWebkit() {
  const [driver = null] = onPath("WebKitWebDriver");
  const [display = null] = onPath("Xvfb");
  const found = { WebKitWebDriver: driver, MiniBrowser: miniBrowser(), Xvfb: display };
  const missing = Object.keys(found).filter((name) => found[name] === null);
  return missing.length > 0 ? { missing } : { driver, browser: found.MiniBrowser, display };
}

/** It is on no PATH: it stands beside the engine's own processes, in the folder of the machine's architecture. */
function miniBrowser() {
  const paths = namesIn("/usr/lib").map((folder) => join("/usr/lib", folder, "webkit2gtk-4.1/MiniBrowser"));
  return paths.find(existsSync) ?? null;
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
