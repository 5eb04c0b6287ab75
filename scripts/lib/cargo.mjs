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

/** `--test …` for crate/tests/browser*.rs: the crate's other tests and its command are native only. */
export function browserTests() {
  const files = readdirSync(join(ROOT, "crate", "tests")).filter((f) => /^browser.*\.rs$/.test(f));
  return files.sort().flatMap((f) => ["--test", f.slice(0, -3)]);
}
