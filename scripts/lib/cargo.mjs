// What cargo is told, in more places than one.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROOT } from "./run.mjs";

/** Where cargo puts what it builds. */
export const cargoTarget = () => resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");

/** Native builds of tests have all of the crate but what needs a GPU: one set of dependencies for all of them. */
export const NATIVE = ["--features", "patchbay/train"];

/** All of the crate, to be read and not run. */
export const WHOLE = ["--features", "patchbay/train,patchbay/gpu"];

export const BROWSER_TARGET = "wasm32-unknown-unknown";
/** Cargo's profile of what a browser is given, and of its tests: one set of dependencies for both. */
export const BROWSER_PROFILE = "browser";

/**
 * The crate as a browser has it, with crate/tests/browser*.rs; other tests of the crate and its command are native only. With all
 * that the GPU's program has.
 */
export function browserTests() {
  const files = readdirSync(join(ROOT, "crate", "tests")).filter((f) => /^browser.*\.rs$/.test(f));
  const tests = files.sort().flatMap((f) => ["--test", f.slice(0, -3)]);
  const how = ["--target", BROWSER_TARGET, "--profile", BROWSER_PROFILE, "--features", "gpu"];
  return ["--package", "patchbay", ...how, ...tests];
}
