// The CPU's program among threads, on the page that `npm run bench` times things on: begun by the site's own sources, which browsers
// can read once their types are taken away.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/run.mjs";

const SCRIPTS = ["shared-memory", "helper", "helpers"];
/** page.mjs imports them from there. */
const FOLDER = join(ROOT, "target", "bench", "threads");

/** Gives the most threads that a page has. */
export async function makeThreadScripts() {
  const { transformWithOxc } = await import("vite");
  mkdirSync(FOLDER, { recursive: true });
  for (const name of SCRIPTS) {
    const source = readFileSync(join(ROOT, "www", "worker", "threads", `${name}.ts`), "utf8");
    const { code } = await transformWithOxc(source, `${name}.ts`);
    // They name each other.
    writeFileSync(join(FOLDER, `${name}.mjs`), code.replaceAll('.ts"', '.mjs"'));
  }
  const { MOST_THREADS } = await import(pathToFileURL(join(FOLDER, "helpers.mjs")));
  return MOST_THREADS;
}
