// A browser for pages and, for the wasm tests, its chromedriver.
import { findBrowser, findPair } from "../lib/find-browser.mjs";
import { Failure } from "../lib/run.mjs";
import { aptInstall, distribution } from "./apt.mjs";

// Ubuntu's package chromium is a stub that asks for a snap, which containers and WSL mostly cannot run.
const UBUNTU = `Ubuntu: Google's .deb, and the driver of the same version on the PATH:
    wget https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb
    sudo apt-get install ./google-chrome-stable_current_amd64.deb
    https://googlechromelabs.github.io/chrome-for-testing/ (chromedriver)`;
const HOW_TO = {
  linux: `Debian: apt-get install chromium chromium-driver. Fedora: dnf install chromium chromedriver.\n  ${UBUNTU}`,
  darwin: "brew install --cask google-chrome chromedriver",
  win32:
    "winget install Google.Chrome, and chromedriver.exe of the same version on the PATH: https://googlechromelabs.github.io/chrome-for-testing/",
};

export async function browserAndDriver(driver) {
  if ((await problem(driver)) === null) return;
  // What the user has named is not mended by installing something else.
  const named = process.env.CHROME_BIN || process.env.CHROMEDRIVER;
  if (!named && distribution() !== "ubuntu") await aptInstall("chromium", "chromium-driver");
  const left = await problem(driver);
  if (left === null) return;
  throw new Failure(
    `needed: Chrome or Chromium${driver ? " with a chromedriver of the same major version" : ""}. Found: ${left}.\n` +
      `  ${distribution() === "ubuntu" ? UBUNTU : (HOW_TO[process.platform] ?? "Install Chrome or Chromium and chromedriver.")}\n` +
      "  Elsewhere than in the usual places: name them in CHROME_BIN and CHROMEDRIVER.",
  );
}

async function problem(driver) {
  if (driver) return (await findPair()).problem ?? null;
  return (await findBrowser()) === null ? "none that starts" : null;
}
