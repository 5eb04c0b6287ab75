// The system's Chrome or Chromium: where it is, and how it is started for tests and the headless command.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "./run.mjs";

const CHROME = ["google-chrome", "google-chrome-stable", "chrome", "chromium", "chromium-browser"];
const PLACES = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, "Google/Chrome/Application/chrome.exe")),
  linux: ["/snap/bin/chromium", "/opt/google/chrome/chrome"],
};
const DRIVER_PLACES = [
  "/usr/lib/chromium/chromedriver",
  "/usr/lib/chromium-browser/chromedriver",
  "/snap/bin/chromium.chromedriver",
];

function onPath(name) {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, file)).find(existsSync) ?? null;
}

const first = (paths) => paths.find(existsSync) ?? null;

/** Path of a Chrome or Chromium: CHROME_BIN, the PATH, the usual places; or null. */
export function findBrowser() {
  const named = process.env.CHROME_BIN;
  if (named) return existsSync(named) ? named : onPath(named);
  return CHROME.map(onPath).find(Boolean) ?? first(PLACES[process.platform] ?? []);
}

/** Path of its chromedriver: CHROMEDRIVER, the PATH, the usual places (CHROMEWEBDRIVER is where GitHub's runners keep it); or null. */
export function findDriver() {
  const named = process.env.CHROMEDRIVER;
  if (named) return existsSync(named) ? named : onPath(named);
  const folder = process.env.CHROMEWEBDRIVER;
  return (
    onPath("chromedriver") ?? first(folder ? [join(folder, "chromedriver"), ...DRIVER_PLACES] : DRIVER_PLACES)
  );
}

export function browserArgs({ webgpu = false } = {}) {
  return [
    // Chromium refuses to run as root inside its sandbox; containers mostly run as root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // SwiftShader: the software adapter, the same on every machine.
    ...(webgpu ? ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] : []),
  ];
}

/** A headless browser (Playwright's Browser). Without `webgpu` it is as plain headless Chromium: navigator.gpu without an adapter. */
export async function launch({ webgpu = false, args = [], ...options } = {}) {
  const executablePath = findBrowser();
  if (!executablePath)
    throw new Failure("no Chrome or Chromium found: install one, or name it in CHROME_BIN");
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args: [...browserArgs({ webgpu }), ...args], ...options });
}
