// The two builds of the crate. Only the worker imports this file. The small CPU build is loaded at once; the GPU
// build is many times larger and fetched when a model is first loaded on a GPU.

import cpuProgram from "../../pkg/cpu/patchbay_bg.wasm?url";
import { messageOf, NamedError } from "../door/errors.ts";
import { within } from "../door/limits.ts";
import { throwUntilBuilt } from "../offline/gpu-comes.ts";
import { beginHelpers, mayHaveThreads, shared } from "./threads/helpers.ts";

export type Patchbay = typeof import("../../pkg/cpu/patchbay.js");

/** The GPU build did not arrive: the CPU can still do the work, and the next run may try again. */
export const NO_GPU_PROGRAM = "GpuProgramError";

/** Some megabytes over a slow connection, and compiling them. */
const SECONDS = 240;

let cpu: Promise<Patchbay> | null = null;
let gpu: Promise<Patchbay> | null = null;

export function cpuPackage(): Promise<Patchbay> {
  cpu ??= withThreads(import("../../pkg/cpu/patchbay.js")).catch((error: unknown) => {
    // What a module's import has failed with is remembered: only a new worker can try again.
    const message = `The page's WebAssembly could not be loaded (${messageOf(error)}). Run again, or reload the page.`;
    throw new NamedError("Error", message, { restart: true });
  });
  return cpu;
}

async function withThreads(loading: Promise<Patchbay>): Promise<Patchbay> {
  if (!mayHaveThreads()) return instantiate(loading);
  try {
    const patchbay = await instantiate(loading, shared(cpuProgram));
    beginHelpers(patchbay);
    return patchbay;
  } catch (error) {
    // Such as a browser that gives a shared memory less room.
    console.info("Products are computed by one thread:", error);
    return instantiate(loading);
  }
}

/** Whether this worker has the GPU's program, or is about to: what goes wrong may be the GPU's fault. */
export function gpuIsInUse(): boolean {
  return gpu !== null;
}

export function gpuPackage(): Promise<Patchbay> {
  gpu ??= fetchGpuPackage().catch((error: unknown) => {
    // The network may be back by the next run.
    gpu = null;
    throw new NamedError(NO_GPU_PROGRAM, messageOf(error));
  });
  return gpu;
}

async function fetchGpuPackage(): Promise<Patchbay> {
  if (GPU_COMES) await throwUntilBuilt();
  // One crate, one surface: the second package's types are those of the first.
  return instantiate(import("../../pkg/gpu/patchbay.js") as Promise<unknown> as Promise<Patchbay>);
}

function instantiate(loading: Promise<Patchbay>, program?: Promise<Response>): Promise<Patchbay> {
  const ready = async () => {
    const patchbay = await loading;
    await patchbay.default(program && { module_or_path: program });
    return patchbay;
  };
  return within(SECONDS, ready(), () => new Error(`it did not come within ${SECONDS} s`));
}
