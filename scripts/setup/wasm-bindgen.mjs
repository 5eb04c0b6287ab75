// What turns the compiled crate into something that a page, or a test in a page, can call.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cargoTarget } from "../lib/cargo.mjs";
import { capture, Failure, ROOT, run, say, TOOLS } from "../lib/run.mjs";
import { once } from "../lib/turns.mjs";

/** Both tools have most of their dependencies in common. */
const FOLDER = join(cargoTarget(), "tools");

/** The path of the program of scripts/bindgen. */
export const bindgen = once(async () => {
  const args = ["build", "--quiet", "--release", "--locked", "--target-dir", FOLDER];
  await run("cargo", [...args, "--manifest-path", join("scripts", "bindgen", "Cargo.toml")], { quiet: true });
  return join(FOLDER, "release", process.platform === "win32" ? "bindgen.exe" : "bindgen");
});

/** For tests in a browser: the runner of exactly the version of wasm-bindgen that the crate is built with. */
export const testRunner = once(async () => {
  const version = crateVersion();
  if ((await capture("wasm-bindgen-test-runner", ["--version"]))?.split(" ")[1] === version) return;
  say(`setup: cargo install wasm-bindgen-cli ${version} into .tools (a few minutes, once)`);
  const name = ["wasm-bindgen-cli", "--version", version, "--bin", "wasm-bindgen-test-runner"];
  // It speaks with the driver beside it, over plain HTTP. Its own lock file does not always build.
  await run("cargo", ["install", "--quiet", "--root", TOOLS, ...name, "--no-default-features"], {
    // It runs for seconds: an optimiser would take longer than it saves.
    env: { CARGO_TARGET_DIR: FOLDER, CARGO_PROFILE_RELEASE_OPT_LEVEL: "1" },
    quiet: true,
  });
});

function crateVersion() {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const found = /name = "wasm-bindgen"\r?\nversion = "([^"]+)"/.exec(lock);
  if (!found) throw new Failure("Cargo.lock names no wasm-bindgen");
  return found[1];
}
