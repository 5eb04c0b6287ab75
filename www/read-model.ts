// A model's files into the wasm, in the order in which mistakes are cheap: the small files and what they rule out
// come before the first byte of the weights.

import type { ExperimentSpec, Model } from "../pkg/cpu/patchbay.js";
import { chunksOf, openFile, readWhole } from "./assets.ts";
import { freeQuietly } from "./fatal.ts";
import { breathe, every } from "./pace.ts";
import { cpuPackage, gpuPackage, type Patchbay } from "./packages.ts";
import type { Report } from "./protocol.ts";
import type { ModelSource } from "./sources.ts";

export interface Reading {
  source: ModelSource;
  /** Its head must be one of the model's. */
  spec: ExperimentSpec;
  device: "cpu" | "gpu";
  signal: AbortSignal;
  report: Report;
  /** Called when the small files are good and the weights' bytes are about to come. */
  coming: () => void;
}

type Loader = InstanceType<Patchbay["ModelLoader"]>;

export async function readModel(reading: Reading): Promise<Model> {
  const loader = await openLoader(reading);
  try {
    await pushWeights(loader, reading);
  } catch (error) {
    freeQuietly(loader);
    throw error;
  }
  const onGpu = reading.device === "gpu";
  started(reading, onGpu ? "warming up the GPU and checking it against the CPU" : "preparing the model");
  await breathe();
  // Consumes the loader, whatever comes of it.
  return loader.finish();
}

async function openLoader(reading: Reading): Promise<Loader> {
  const { source, device, signal } = reading;
  started(reading, "config.json and tokenizer.json");
  const config = await readWhole(await openFile(source, "config.json", signal), signal);
  const tokenizer = await readWhole(await openFile(source, "tokenizer.json", signal), signal);
  if (device === "gpu") started(reading, "the GPU's program");
  const { Device, ModelLoader } = device === "gpu" ? await gpuPackage() : await cpuPackage();
  signal.throwIfAborted();
  const target = device === "gpu" ? await Device.gpu() : Device.cpu();
  signal.throwIfAborted();
  return new ModelLoader(target, new TextDecoder().decode(config), tokenizer);
}

async function pushWeights(loader: Loader, { source, spec, signal, report, coming }: Reading): Promise<void> {
  loader.checkHead(spec.layer, spec.head);
  const file = await openFile(source, "model.safetensors", signal);
  coming();
  const [reportNow, breatheNow] = [every(100), every(50)];
  for await (const chunk of chunksOf(file, signal)) {
    const { bytes, total } = loader.push(chunk);
    // The header tells the true size; Content-Length may be missing or count compressed bytes.
    if (reportNow()) {
      report({ phase: "load", step: "model.safetensors", done: bytes, total: total ?? file.size });
    }
    if (breatheNow()) await breathe();
  }
  signal.throwIfAborted();
}

function started({ report }: Reading, step: string): void {
  report({ phase: "load", step, done: 0, total: null });
}
