// The two builds of the crate. Only the worker imports this file. The small CPU build is loaded at once; the GPU
// build is many times larger and fetched when a model is first loaded on a GPU.

import { messageOf, NamedError } from "./errors.ts";

export type Patchbay = typeof import("../pkg/cpu/patchbay.js");

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
  // One crate, one surface: the second package's types are those of the first.
  const loading = import("../pkg/gpu/patchbay.js") as Promise<unknown> as Promise<Patchbay>;
  // A DeviceError, since the CPU can still do the work.
  gpu ??= instantiate(loading).catch((error: unknown) => {
    throw new NamedError("DeviceError", `Its WebAssembly could not be loaded (${messageOf(error)}).`);
  });
  return gpu;
}

async function instantiate(loading: Promise<Patchbay>): Promise<Patchbay> {
  const patchbay = await loading;
  await patchbay.default();
  return patchbay;
}
