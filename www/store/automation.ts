// What tools that drive the page can read: the state on <html data-state>, figures on window.patchbay.

import type { ExperimentResult, Report } from "../../pkg/cpu/patchbay.js";
import type { JobReply, LoadStep, StorageReport } from "../door/protocol.ts";
import type { Answer } from "./tasks/task.ts";

export type PageState = "ready" | "loading" | "running" | "done" | "error" | "cancelled";

interface Automation {
  /** The answer of the question in view. */
  result: (ExperimentResult & PageFacts) | PageFacts | null;
  report: Report | null;
  error: { name: string; message: string } | null;
  /** The last step of reading the model. */
  load: LoadStep | null;
  /** What the page says is stored. */
  stored: StorageReport | null;
}

/** What the page adds to an answer: where it was computed, on which weights, in which time. */
interface PageFacts {
  model: string;
  device: string;
  device_info: JobReply<unknown>["device"] & { note: string | null };
  origin: JobReply<unknown>["origin"];
  timings_ms: JobReply<unknown>["timings_ms"];
}

declare global {
  interface Window {
    patchbay: Automation;
  }
}

window.patchbay = { result: null, report: null, error: null, load: null, stored: null };

export function tell(news: Partial<Automation>): void {
  Object.assign(window.patchbay, news);
}

export function factsOf<T>({ asked, reply }: Answer<T>): T & PageFacts {
  const { result, device, note, origin, timings_ms } = reply;
  return {
    model: asked.model,
    device: device.device,
    ...result,
    device_info: { ...device, note },
    origin,
    timings_ms,
  };
}

export function setState(state: PageState): void {
  document.documentElement.dataset.state = state;
}
