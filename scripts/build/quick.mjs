// The crate's programs for development: compiled in cargo's profile for that, which takes seconds where a file has changed,
// and not made small.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cargoTarget } from "../lib/cargo.mjs";
import { ROOT } from "../lib/run.mjs";
import { clearStamp } from "../lib/stamp.mjs";
import { compile } from "./compile.mjs";

const PROGRAMS = { cpu: [], gpu: ["--features", "gpu"] };
/** Vite reloads the page when this changes. */
const LAST = "patchbay.js";

/** Puts them where `npm run build` puts its own, which it then makes again. */
export async function buildQuickly(kinds) {
  for (const kind of kinds) {
    const made = join(cargoTarget(), "quick", kind);
    await compile(`${kind}, quickly`, "dev", PROGRAMS[kind], made);
    clearStamp(`pkg-${kind}`);
    const folder = join(ROOT, "pkg", kind);
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(made).filter((file) => file !== LAST);
    for (const file of [...files, LAST]) copyFileSync(join(made, file), join(folder, file));
  }
}
