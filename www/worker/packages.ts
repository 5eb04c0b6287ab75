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
  cpu ??= timely(withThreads(import("../../pkg/cpu/patchbay.js"))).catch((error: unknown) => {
    // What a module's import has failed with is remembered: only a new worker can try again.
    const message = `The page's WebAssembly could not be loaded (${messageOf(error)}). Run again, or reload the page.`;
    throw new NamedError("Error", message, { restart: true });
  });
  return cpu;
}

async function withThreads(loading: Promise<Patchbay>): Promise<Patchbay> {
  const patchbay = await loading;
  if (!mayHaveThreads()) return instantiated(patchbay);
  try {
    await patchbay.default({ module_or_path: await shared(cpuProgram) });
  } catch (error) {
    // A browser may give a shared memory less room. What else is wrong is so without it, too.
    console.info("Products are computed by one thread:", error);
    return instantiated(patchbay);
  }
  beginHelpers(patchbay);
  return patchbay;
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
  return timely(import("../../pkg/gpu/patchbay.js").then((it) => instantiated(it as unknown as Patchbay)));
}

async function instantiated(patchbay: Patchbay): Promise<Patchbay> {
  await patchbay.default();
  return patchbay;
}

function timely(coming: Promise<Patchbay>): Promise<Patchbay> {
  return within(SECONDS, coming, () => new Error(`it did not come within ${SECONDS} s`));
}
