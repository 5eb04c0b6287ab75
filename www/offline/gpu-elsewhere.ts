// Part of the build: sites whose GPU's program is not in pkg/gpu.

import type { Plugin } from "vite";

/** "comes": `npm start` adds it to the built site. "left out": `npm run dev` without --gpu. */
export type Elsewhere = "comes" | "left out";

const LEFT_OUT = "\0gpu-left-out";

export function gpuElsewhere(elsewhere: Elsewhere): Plugin {
  return {
    name: "gpu-elsewhere",
    enforce: "pre",
    resolveId(source) {
      if (!source.endsWith("/pkg/gpu/patchbay.js")) return null;
      // From assets/, where the worker's script is.
      return elsewhere === "comes" ? { id: "../gpu/patchbay.js", external: true } : LEFT_OUT;
    },
    load: (id) =>
      id === LEFT_OUT ? 'throw new Error("it was left out: npm run dev -- --gpu builds it too");' : null,
  };
}
