// What of the crate runs in a browser.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

/** Native builds of tests have all of the crate but what needs a GPU: one set of dependencies for all of them. */
export const NATIVE = ["--features", "patchbay/train"];

/** All of the crate, to be read and not run. */
export const WHOLE = ["--features", "patchbay/train,patchbay/gpu"];

/** `--test …` for crate/tests/browser*.rs: the crate's other tests and its command are native only. */
export function browserTests() {
  const files = readdirSync(join(ROOT, "crate", "tests")).filter((f) => /^browser.*\.rs$/.test(f));
  return files.sort().flatMap((f) => ["--test", f.slice(0, -3)]);
}
