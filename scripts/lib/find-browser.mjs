// The system's Chrome or Chromium and its chromedriver: where they are, and which belong together.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { capture, Failure } from "./run.mjs";

const BROWSERS = ["google-chrome", "google-chrome-stable", "chrome", "chromium", "chromium-browser"];
const BROWSER_PLACES = {
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

/** The files of this command's name in the folders of the PATH. */
export function onPath(command) {
  const file = process.platform === "win32" ? `${command}.exe` : command;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, file)).filter(existsSync);
}

/** The one program that a variable names, by path or command; or all there are in the usual places. */
export function candidates(variable, commands, places) {
  const named = process.env[variable];
  if (!named) return [...new Set([...commands.flatMap(onPath), ...places.filter(existsSync)])];
  // npm changes to the project's top; a relative path is meant from where the user was.
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), named);
  const found = existsSync(path) ? path : onPath(named)[0];
  if (!found) throw new Failure(`${variable} names ${named}, which does not exist`);
  return [found];
}

const browsers = () => candidates("CHROME_BIN", BROWSERS, BROWSER_PLACES[process.platform] ?? []);

function drivers() {
  const runners = process.env.CHROMEWEBDRIVER; // the folder where GitHub's machines keep theirs
  const places = runners ? [join(runners, "chromedriver"), ...DRIVER_PLACES] : DRIVER_PLACES;
  return candidates("CHROMEDRIVER", ["chromedriver"], places);
}

/** The major version, or null where the program does not start: Ubuntu's chromium is a stub that asks for a snap. */
async function majorVersion(path) {
  if (process.platform === "win32" && /chrome\.exe$/i.test(path)) {
    // chrome.exe opens a window instead of printing its version; it stands beside a folder named after it.
    const version = readdirSync(dirname(path)).find((name) => /^\d+(\.\d+){3}$/.test(name));
    return version?.split(".")[0] ?? null;
  }
  const text = await capture(path, ["--version"], { timeout: 20_000 });
  return /(\d+)\.\d+\.\d+/.exec(text ?? "")?.[1] ?? null;
}

const withVersions = (paths) =>
  Promise.all(paths.map(async (path) => ({ path, major: await majorVersion(path) })));

/** Path of a browser that starts, or null. One that CHROME_BIN names is taken at its word: launching it will tell. */
export async function findBrowser() {
  const paths = browsers();
  if (process.env.CHROME_BIN) return paths[0];
  for (const path of paths) if ((await majorVersion(path)) !== null) return path;
  return null;
}

/**
 * A browser and a driver of one major version, as other drivers refuse it: `{ browser, driver }`, or `{ problem }`,
 * which says what there is instead.
 */
export async function findPair() {
  const [allBrowsers, allDrivers] = await Promise.all([withVersions(browsers()), withVersions(drivers())]);
  for (const browser of allBrowsers) {
    const driver = allDrivers.find(({ major }) => major !== null && major === browser.major);
    if (driver) return { browser: browser.path, driver: driver.path };
  }
  const list = (what, all) =>
    all.length === 0
      ? `no ${what}`
      : all.map(({ path, major }) => `${path} (${major ?? "does not start"})`).join(", ");
  return {
    problem: `${list("Chrome or Chromium", allBrowsers)}; ${list("chromedriver", allDrivers)}`,
  };
}
