// `npm run dev`: Vite's development server on the crate's program for the CPU. A change of the crate is compiled, and the page
// reloads. `--gpu`: the GPU's program too, which takes longer. What else is given goes to Vite.
import { watch } from "node:fs";
import { join } from "node:path";
import { buildQuickly } from "./build/quick.mjs";
import { main, node, npmBin, ROOT, say } from "./lib/run.mjs";
import { latest } from "./lib/turns.mjs";
import { nodeModules } from "./setup/node-modules.mjs";
import { rustToolchain } from "./setup/rust.mjs";

main(async () => {
  const gpu = process.argv.includes("--gpu");
  const kinds = gpu ? ["cpu", "gpu"] : ["cpu"];
  const modules = nodeModules();
  await rustToolchain();
  await Promise.all([modules, buildQuickly(kinds)]);
  // Where it fails, the compiler has said what is wrong, and the next change may mend it.
  const changed = latest(() => buildQuickly(kinds).catch((error) => say(error.message)));
  const watchers = ["src", "kernels"].map((folder) =>
    watch(join(ROOT, "crate", folder), { recursive: true }, changed),
  );
  try {
    const args = process.argv.slice(2).filter((arg) => arg !== "--gpu");
    await node(npmBin("vite"), args, { env: gpu ? {} : { PATCHBAY_GPU: "left out" } });
  } finally {
    for (const watcher of watchers) watcher.close();
  }
});
