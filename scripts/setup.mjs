// Everything a command needs before it can work, got once: `node scripts/setup.mjs [--browser]`.
// Runs on node's own modules alone, since node_modules may not be there yet.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findBrowser, findDriver } from "./lib/browser.mjs";
import { capture, Failure, isMain, main, ROOT, run, say, TOOLS } from "./lib/run.mjs";

const WASM_PACK = "0.15.1";
const TARGET = "wasm32-unknown-unknown";

/** `browser`: for pages; `driver`: also its WebDriver, for the wasm tests. */
export async function setup({ rust = true, browser = false, driver = false } = {}) {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new Failure(`Node 20 or newer is needed, this is ${process.version}`);
  await nodeModules();
  if (rust) {
    await rustToolchain();
    await wasmTools();
  }
  if (browser || driver) await browserAndDriver(driver);
}

async function nodeModules() {
  const lock = join(ROOT, "package-lock.json");
  const installed = join(ROOT, "node_modules", ".package-lock.json"); // npm writes it last
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("setup: installing node modules (npm ci)");
  await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { quiet: true });
}

async function rustToolchain() {
  if ((await capture("rustup", ["--version"])) === null) {
    throw new Failure(
      "rustup is needed to build the WebAssembly: see https://rustup.rs, then run this again",
    );
  }
  // rust-toolchain.toml says all of this too, but it installs nothing where rustup's auto-install is off.
  if ((await capture("rustc", ["--version"])) === null) {
    say("setup: installing the stable Rust toolchain");
    await run("rustup", ["toolchain", "install", "stable", "--profile", "minimal"], { quiet: true });
  }
  if (!lines(await capture("rustup", ["target", "list", "--installed"])).includes(TARGET)) {
    say(`setup: rustup target add ${TARGET}`);
    await run("rustup", ["target", "add", TARGET], { quiet: true });
  }
  const components = lines(await capture("rustup", ["component", "list", "--installed"]));
  for (const name of ["rustfmt", "clippy"]) {
    if (components.some((c) => c.startsWith(name))) continue;
    say(`setup: rustup component add ${name}`);
    await run("rustup", ["component", "add", name], { quiet: true });
  }
}

const lines = (text) => (text ?? "").split(/\r?\n/);

/** The version of wasm-bindgen that the crate is built with: the command has to be exactly that one. */
function wasmBindgenVersion() {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const found = /name = "wasm-bindgen"\r?\nversion = "([^"]+)"/.exec(lock);
  if (!found) throw new Failure("Cargo.lock names no wasm-bindgen");
  return found[1];
}

async function wasmTools() {
  // wasm-bindgen-cli's own lock file does not always build; wasm-pack's does.
  await cargoTool("wasm-bindgen-cli", "wasm-bindgen", wasmBindgenVersion(), []);
  await cargoTool("wasm-pack", "wasm-pack", WASM_PACK, ["--locked"]);
}

async function cargoTool(name, command, version, flags) {
  if ((await capture(command, ["--version"]))?.split(" ")[1] === version) return;
  say(`setup: cargo install ${name} ${version} into .tools (a few minutes, once)`);
  // One target folder for both, which share most of their dependencies.
  const env = { CARGO_TARGET_DIR: join(ROOT, "target", "tools") };
  await run("cargo", ["install", "--root", TOOLS, name, "--version", version, ...flags], {
    env,
    quiet: true,
  });
}

const HOW_TO = {
  linux:
    "Debian: apt-get install chromium chromium-driver. Ubuntu: snap install chromium (it has the driver). Fedora: dnf install chromium chromedriver.",
  darwin: "brew install --cask google-chrome chromedriver",
  win32:
    "winget install Google.Chrome, and chromedriver.exe of the same version on the PATH: https://googlechromelabs.github.io/chrome-for-testing/",
};

async function browserAndDriver(driver) {
  if (await usable(driver)) return;
  if (
    process.platform === "linux" &&
    process.getuid() === 0 &&
    (await capture("apt-get", ["--version"])) !== null
  ) {
    say("setup: installing Chromium and its driver (apt-get)");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update"], { env, quiet: true }).catch(() => {}); // a stale list may do
    const packages = ["chromium", "chromium-driver"];
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], {
      env,
      quiet: true,
    }).catch(() => {});
    if (await usable(driver)) return;
  }
  const missing = [
    findBrowser() ? null : "Chrome or Chromium",
    findDriver() || !driver ? null : "chromedriver",
  ].filter(Boolean);
  throw new Failure(
    `needed and not found: ${missing.join(" and ") || "a Chrome or Chromium that starts, with its chromedriver"}.\n` +
      `  ${HOW_TO[process.platform] ?? "Install Chrome or Chromium and chromedriver."}\n` +
      "  Elsewhere than in the usual places: name them in CHROME_BIN and CHROMEDRIVER.",
  );
}

/** They are there and start: Ubuntu's packages of these names are stubs that ask for a snap. */
async function usable(driver) {
  const paths = [findBrowser(), ...(driver ? [findDriver()] : [])];
  if (paths.includes(null)) return false;
  if (process.platform === "win32") return true; // chrome.exe opens a window instead of printing its version
  const versions = await Promise.all(paths.map((path) => capture(path, ["--version"])));
  if (versions.includes(null)) return false;
  const majors = new Set(versions.map((text) => /(\d+)\.\d+\.\d+/.exec(text)?.[1]));
  if (majors.size > 1)
    say(`setup: browser and driver differ, the wasm tests may not start: ${versions.join("; ")}`);
  return true;
}

if (isMain(import.meta)) main(() => setup({ driver: process.argv.includes("--browser") }));
