// One model is kept in memory, and used again while neither it nor its device changes.

import type { DeviceInfo, Model, ModelInfo } from "../pkg/cpu/patchbay.js";
import { missingWebgpu, planDevice, probeAdapter } from "./adapter.ts";
import { chunksOf, openFile, readWhole } from "./assets.ts";
import { isNamed, messageOf, NamedError } from "./errors.ts";
import type { DeviceChoice } from "./fields.ts";
import { breathe, every } from "./pace.ts";
import { cpuPackage, gpuPackage } from "./packages.ts";
import type { Report } from "./protocol.ts";
import { type ModelSource, sourceKey } from "./sources.ts";

export interface Loaded {
  model: Model;
  info: ModelInfo;
  device: DeviceInfo;
  note: string | null;
  reused: boolean;
}

let held: { key: string; model: Model } | null = null;
/** By model: why the GPU was turned down, so that it is not tried (and downloaded for) again. */
const refusals = new Map<string, string>();

export async function loadModel(
  source: ModelSource,
  choice: DeviceChoice,
  signal: AbortSignal,
  report: Report,
): Promise<Loaded> {
  const probe = await probeAdapter(choice === "cpu" ? undefined : navigator.gpu);
  const missing = missingWebgpu(choice, probe);
  if (missing !== null) throw new NamedError("DeviceError", missing, { field: "device" });
  const { device, note } = planDevice(choice, probe, refusals.get(sourceKey(source)) ?? null);
  const key = `${device}: ${sourceKey(source)}`;
  if (held?.key === key) return describe(held.model, note, true);
  // First let go of the old model: two do not always fit.
  dropModel();
  try {
    const model = await readModel(source, device, signal, report);
    held = { key, model };
    return describe(model, note, false);
  } catch (error) {
    if (device === "cpu" || !isNamed(error, "DeviceError")) throw error;
    refusals.set(sourceKey(source), messageOf(error));
    return loadModel(source, choice, signal, report);
  }
}

function describe(model: Model, note: string | null, reused: boolean): Loaded {
  return { model, info: model.info(), device: model.device(), note, reused };
}

export function dropModel(): void {
  held?.model.free();
  held = null;
}

async function readModel(
  source: ModelSource,
  device: "cpu" | "gpu",
  signal: AbortSignal,
  report: Report,
): Promise<Model> {
  const started = (step: string) => report({ phase: "load", step, done: 0, total: null });
  started("config.json and tokenizer.json");
  const config = await readWhole(await openFile(source, "config.json", signal), signal);
  const tokenizer = await readWhole(await openFile(source, "tokenizer.json", signal), signal);
  if (device === "gpu") started("the GPU's program");
  const { Device, ModelLoader } = device === "gpu" ? await gpuPackage() : await cpuPackage();
  const target = device === "gpu" ? await Device.gpu() : Device.cpu();
  const loader = new ModelLoader(target, new TextDecoder().decode(config), tokenizer);
  let pushed = false;
  try {
    const file = await openFile(source, "model.safetensors", signal);
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
    pushed = true;
  } finally {
    if (!pushed) loader.free();
  }
  started(device === "gpu" ? "warming up the GPU and checking it against the CPU" : "preparing the model");
  await breathe();
  const model = await loader.finish();
  if (signal.aborted) model.free();
  signal.throwIfAborted();
  return model;
}
