// Everything a command needs before it can work, got once: `node scripts/setup.mjs [--browser]`.
// Runs on node's own modules alone, since node_modules may not be there yet.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure, isMain, main, ROOT, run, say, TOOLS } from "./lib/run.mjs";
import { browserAndDriver } from "./setup/browser.mjs";
import { otherEngines } from "./setup/engines.mjs";
import { rustToolchain } from "./setup/rust.mjs";

export const WASM_PACK = "0.15.1";

/** `browser`: for pages; `driver`: also its WebDriver, for the wasm tests; `engines`: see setup/engines.mjs. */
export async function setup({ rust = true, browser = false, driver = false, engines = [] } = {}) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  // As vite's bundler needs it.
  if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12))
    throw new Failure(`Node 20.19, or 22.12 or newer, is needed; this is ${process.version}`);
  await nodeModules();
  if (rust) {
    await rustToolchain();
    await wasmTools();
  }
  if (browser || driver) await browserAndDriver(driver);
  await otherEngines(engines);
}

async function nodeModules() {
  const lock = join(ROOT, "package-lock.json");
  const installed = join(ROOT, "node_modules", ".package-lock.json"); // npm writes it last
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("setup: installing node modules (npm ci)");
  await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { quiet: true });
}

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
  // One target folder for both, which share most of their dependencies. They run for seconds, so most of what an
  // optimiser would do takes longer than it saves.
  const env = { CARGO_TARGET_DIR: join(ROOT, "target", "tools"), CARGO_PROFILE_RELEASE_OPT_LEVEL: "1" };
  await run("cargo", ["install", "--root", TOOLS, name, "--version", version, ...flags], {
    env,
    quiet: true,
  });
}

if (isMain(import.meta)) main(() => setup({ driver: process.argv.includes("--browser") }));
