// Is there a GPU worth using? A software adapter computes the right numbers, but slower than the CPU device.

import { isNamed, messageOf, NamedError } from "../door/errors.ts";
import { within } from "../door/limits.ts";
import type { DeviceChoice } from "../door/protocol.ts";

export type Probe =
  /** `text`: the adapter in the browser's words. */
  | { found: "gpu"; text: string }
  /** `name` as in "SwiftShader". */
  | { found: "software"; name: string; text: string }
  | { found: "none"; reason: string };

/** The parts of a WebGPU adapter that are looked at. */
export interface AdapterLike {
  isFallbackAdapter?: boolean;
  info: {
    vendor: string;
    architecture: string;
    device: string;
    description: string;
    isFallbackAdapter?: boolean;
  };
}

export interface GpuLike {
  requestAdapter(options?: { powerPreference: "high-performance" }): Promise<AdapterLike | null>;
}

/** How long a GPU is waited for, in seconds. Software adapters compile and compute for tens of them. */
export const GPU_SECONDS = { adapter: 15, device: 30, work: 120 } as const;

/**
 * What a GPU is asked for. One that does not answer keeps what waits for it, in the wasm as well: the worker is of no
 * use any more, and the page goes on with another one and the CPU.
 */
export function fromGpu<T>(what: keyof typeof GPU_SECONDS, wait: Promise<T>): Promise<T> {
  const seconds = GPU_SECONDS[what];
  const message = `The GPU did not answer within ${seconds} s (${ASKED_FOR[what]}).`;
  return within(seconds, wait, () => new NamedError("DeviceError", message, { restart: true }));
}

/** A step of a run on the GPU. A GPU that fails at one is asked for no more: another worker goes on with the CPU. */
export async function stepOnGpu<T>(step: Promise<T>): Promise<T> {
  try {
    return await fromGpu("work", step);
  } catch (error) {
    if (!isNamed(error, "DeviceError")) throw error;
    throw new NamedError("DeviceError", messageOf(error), { restart: true });
  }
}

const ASKED_FOR = { adapter: "asked for an adapter", device: "asked for a device", work: "computing" };

const SOFTWARE = ["SwiftShader", "llvmpipe", "Microsoft Basic Render"];

export async function probeAdapter(gpu: GpuLike | undefined): Promise<Probe> {
  // Some browsers have the object but no adapter behind it, and some throw.
  if (!gpu) return { found: "none", reason: "this browser has no WebGPU" };
  const asked = async (): Promise<Probe> => {
    try {
      const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
      if (adapter === null) return { found: "none", reason: "WebGPU offers no adapter" };
      return describeAdapter(adapter);
    } catch (error) {
      return { found: "none", reason: `asking WebGPU for an adapter failed: ${messageOf(error)}` };
    }
  };
  return fromGpu("adapter", asked());
}

export function describeAdapter({ isFallbackAdapter, info }: AdapterLike): Probe {
  // Browsers leave parts empty, or say the same in two of them.
  const parts = [info.vendor, info.architecture, info.device, info.description].filter((part) => part !== "");
  const text = [...new Set(parts)].join(" ");
  const known = SOFTWARE.find((name) => text.toLowerCase().includes(name.toLowerCase()));
  if (known) return { found: "software", name: known, text };
  if (isFallbackAdapter || info.isFallbackAdapter)
    return { found: "software", name: text || "of the browser", text };
  return { found: "gpu", text };
}

/** What to call the GPU in use: the wasm sees less of it than the page does. */
export function adapterText(probe: Probe, fallback: string): string {
  return probe.found === "none" || probe.text === "" ? fallback : probe.text;
}

export interface DevicePlan {
  device: "cpu" | "gpu";
  /** Why not the GPU, where that needs saying. */
  note: string | null;
}

/** `refused`: why this model's GPU was turned down before in this session. */
export function planDevice(choice: DeviceChoice, probe: Probe, refused: string | null): DevicePlan {
  if (choice === "cpu") return { device: "cpu", note: null };
  if (refused !== null) return { device: "cpu", note: refusedNote(refused) };
  if (choice === "webgpu" || probe.found === "gpu") return { device: "gpu", note: null };
  const reason = probe.found === "software" ? `software adapter ${probe.name}` : probe.reason;
  return { device: "cpu", note: `no GPU: ${reason}; using the CPU` };
}

export function refusedNote(reason: string): string {
  return `the GPU was refused; using the CPU. ${reason}`;
}

/** The message for somebody who asked for WebGPU where there is none, or null. */
export function missingWebgpu(choice: DeviceChoice, probe: Probe): string | null {
  if (choice !== "webgpu" || probe.found !== "none") return null;
  return `WebGPU was asked for, but ${probe.reason}. Set Device to auto or cpu, or open this page over https (or on localhost) in a browser with WebGPU switched on, such as a current Chrome, Edge, Safari or Firefox.`;
}
