// A site for the time until the GPU's program is built: it is served while that goes on, and takes the program from gpu/, a folder
// of its own, once it is there. `npm run build` makes another one, which has all of it.
import { cpSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node, npmBin, ROOT, timed } from "../lib/run.mjs";
import { clearStamp } from "../lib/stamp.mjs";
import { nodeModules } from "../setup/node-modules.mjs";

/** Builds it without the GPU's program. Vite takes `flags` too. */
export async function buildSiteToCome(dist = join(ROOT, "dist")) {
  clearStamp("site");
  await nodeModules();
  const args = ["build", "--logLevel", "warn", "--outDir", dist, "--emptyOutDir"];
  await timed("dist: vite", () =>
    node(npmBin("vite"), args, { env: { PATCHBAY_GPU: "comes" }, quiet: true }),
  );
  mkdirSync(join(dist, "gpu"));
  tellPage(dist, "being built");
}

export function addGpu(dist = join(ROOT, "dist")) {
  cpSync(join(ROOT, "pkg", "gpu"), join(dist, "gpu"), { recursive: true });
  tellPage(dist, "built");
}

/** By a file that www/offline/gpu-comes.ts reads; it comes at once, so that no half of it is read. */
export function tellPage(dist, state) {
  const part = join(dist, "gpu", "state.part");
  writeFileSync(part, state);
  renameSync(part, join(dist, "gpu", "state.txt"));
}
