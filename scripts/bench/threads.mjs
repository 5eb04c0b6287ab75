// The CPU's program among threads, on the page that `npm run bench` times things on: a visitor has them where the page is cross-origin
// isolated, as our own server has it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/run.mjs";

/** What pages import of the site's own sources, without their types: page.mjs knows where. */
const SCRIPTS = ["shared-memory", "helper"];
const FOLDER = join(ROOT, "target", "bench", "threads");

export async function makeThreadScripts() {
  const { transformWithOxc } = await import("vite");
  mkdirSync(FOLDER, { recursive: true });
  for (const name of SCRIPTS) {
    const source = readFileSync(join(ROOT, "www", "worker", "threads", `${name}.ts`), "utf8");
    const { code } = await transformWithOxc(source, `${name}.ts`);
    writeFileSync(join(FOLDER, `${name}.js`), code);
  }
}
