// One model is kept in memory, and used again while neither it nor its device changes.

import type { DeviceInfo, Model, ModelInfo } from "../../pkg/cpu/patchbay.js";
import { CANCELLED, isNamed, messageOf, NamedError, problemOf } from "../door/errors.ts";
import type { ModelOrigin, ModelRequest, Report, Sent } from "../door/protocol.ts";
import { loadedKey, sourceKey } from "../door/sources.ts";
import {
  adapterText,
  type DevicePlan,
  missingWebgpu,
  type Probe,
  planDevice,
  probeAdapter,
  refusedNote,
} from "./adapter.ts";
import { freeQuietly } from "./fatal.ts";
import { NO_GPU_PROGRAM } from "./packages.ts";
import { type ReadModel, readModel, storeKey } from "./read-model.ts";

export interface Loaded {
  model: Model;
  info: ModelInfo;
  device: DeviceInfo;
  note: string | null;
  origin: ModelOrigin;
}

/** `stored`: its key in storage. */
let held: (ReadModel & { key: string; stored: string }) | null = null;
/** Models that were deleted from storage, by that key, until somebody asks for them again. */
const forgotten = new Set<string>();
/** By model: why the GPU was turned down, so that it is not tried (and downloaded for) again. */
const refusals = new Map<string, string>();

export async function loadModel(
  request: Sent<ModelRequest>,
  signal: AbortSignal,
  report: Report,
): Promise<Loaded> {
  const { source, device: choice } = request;
  const refused = request.refused ?? refusals.get(sourceKey(source)) ?? null;
  // One that was refused is not even asked: it may be one that does not answer.
  const probe = await probeAdapter(choice === "cpu" || refused !== null ? undefined : navigator.gpu);
  const missing = refused === null ? missingWebgpu(choice, probe) : null;
  if (missing !== null) throw new NamedError("DeviceError", missing, { field: "device" });
  const plan = planDevice(choice, probe, refused);
  try {
    return describe(await hold(request, plan.device, signal, report), plan, probe);
  } catch (error) {
    if (plan.device === "cpu") throw alsoOfGpu(error, plan.note);
    const onCpu = { device: "cpu", note: whyNotGpu(error, sourceKey(source)) } as const;
    try {
      return describe(await hold(request, "cpu", signal, report), onCpu, probe);
    } catch (error) {
      throw alsoOfGpu(error, onCpu.note);
    }
  }
}

/** What the CPU cannot do, with why it is not the GPU's to do: either may be what can be helped. */
function alsoOfGpu(error: unknown, note: string | null): unknown {
  if (note === null || !isNamed(error, "DeviceError")) return error;
  return new NamedError("DeviceError", `${messageOf(error)} (${note})`);
}

/** Why to go on without the GPU. Throws what the CPU could not help either. */
function whyNotGpu(error: unknown, key: string): string {
  if (isNamed(error, NO_GPU_PROGRAM)) {
    return `the GPU's program could not be loaded (${messageOf(error)}); using the CPU for this run`;
  }
  // This worker can do no more, with the CPU either.
  if (!isNamed(error, "DeviceError") || problemOf(error).restart) throw error;
  refusals.set(key, messageOf(error));
  return refusedNote(messageOf(error));
}

type Held = Pick<Loaded, "model" | "origin">;

/** The model on this device: the one in memory, or read anew. */
async function hold(
  { source, head, unasked }: ModelRequest,
  device: DevicePlan["device"],
  signal: AbortSignal,
  report: Report,
): Promise<Held> {
  const key = `${device}: ${loadedKey(source)}`;
  if (held?.key === key) {
    return { model: held.model, origin: { ...held.origin, from: "memory", load_ms: null } };
  }
  const stored = await storeKey(source);
  if (unasked && forgotten.has(stored))
    throw new NamedError(CANCELLED, "The model was deleted. Run fetches it again.");
  forgotten.delete(stored);
  // Two models do not always fit: the old one goes, but only when the new one is coming, before room for that is asked for.
  const read = await readModel({ source, head, device, signal, report, coming: dropModel });
  if (!forgotten.has(stored)) held = { key, stored, ...read };
  // A cancel that came too late to stop the reading still stops the run; the next one finds the model.
  signal.throwIfAborted();
  return read;
}

function describe({ model, origin }: Held, { note }: DevicePlan, probe: Probe): Loaded {
  const device = model.device();
  const adapter = device.device === "gpu" ? adapterText(probe, device.adapter) : device.adapter;
  return { model, info: model.info(), device: { ...device, adapter }, note, origin };
}

/** A model that is deleted is not used by the next run either. A run that is under way has what it needs. */
export function forgetLoaded(stored: string): void {
  forgotten.add(stored);
  if (held?.stored === stored) dropModel();
}

export function dropModel(): void {
  freeQuietly(held?.model);
  held = null;
}
