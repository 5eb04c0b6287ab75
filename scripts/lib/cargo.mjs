// What of the crate runs in a browser.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

/** Native builds of tests and checks have all of the crate: one set of dependencies for all of them. */
export const NATIVE = ["--features", "patchbay/train"];

/** `--test …` for crate/tests/browser*.rs: the crate's other tests and its command are native only. */
export function browserTests() {
  const files = readdirSync(join(ROOT, "crate", "tests")).filter((f) => /^browser.*\.rs$/.test(f));
  return files.sort().flatMap((f) => ["--test", f.slice(0, -3)]);
}
