// The two builds of the crate. Only the worker imports this file. The small CPU build is loaded at once; the GPU
// build is many times larger and fetched when a model is first loaded on a GPU.

import { messageOf, NamedError } from "./errors.ts";

export type Patchbay = typeof import("../pkg/cpu/patchbay.js");

/** The GPU build did not arrive: the CPU can still do the work, and the next run may try again. */
export const NO_GPU_PROGRAM = "GpuProgramError";

let cpu: Promise<Patchbay> | null = null;
let gpu: Promise<Patchbay> | null = null;

export function cpuPackage(): Promise<Patchbay> {
  cpu ??= instantiate(import("../pkg/cpu/patchbay.js")).catch((error: unknown) => {
    const message = `The page's WebAssembly could not be loaded (${messageOf(error)}). Reload the page.`;
    throw new NamedError("Error", message, { reload: true });
  });
  return cpu;
}

export function gpuPackage(): Promise<Patchbay> {
  gpu ??= fetchGpuPackage().catch((error: unknown) => {
    // The network may be back by the next run.
    gpu = null;
    throw new NamedError(NO_GPU_PROGRAM, messageOf(error));
  });
  return gpu;
}

function fetchGpuPackage(): Promise<Patchbay> {
  // One crate, one surface: the second package's types are those of the first.
  return instantiate(import("../pkg/gpu/patchbay.js") as Promise<unknown> as Promise<Patchbay>);
}

async function instantiate(loading: Promise<Patchbay>): Promise<Patchbay> {
  const patchbay = await loading;
  await patchbay.default();
  return patchbay;
}
