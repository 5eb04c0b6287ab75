// A finished run as the page shows, downloads and hands it to tools.

import type { DatasetSpec, DeviceInfo, ExperimentResult, ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { csvLine } from "./csv.ts";
import { settingsForSpec } from "./fields.ts";
import type { JobReply } from "./protocol.ts";
import { rowsOf } from "./rows.ts";
import { HUB_ID } from "./sources.ts";

/** Of an experiment. */
export type RunReply = JobReply<ExperimentResult>;

export type PageResult = ExperimentResult & {
  /** The model's id, as in a share link. */
  model: string;
  device: DeviceInfo["device"];
  device_info: DeviceInfo & { note: string | null };
  /** Which weights these are, by hash, and where they came from. */
  origin: RunReply["origin"];
  timings_ms: RunReply["timings_ms"];
};

export function pageResult(model: string, reply: RunReply): PageResult {
  const device_info = { ...reply.device, note: reply.note };
  const { origin, timings_ms } = reply;
  return { model, device: reply.device.device, ...reply.result, device_info, origin, timings_ms };
}

/** What the notebook prints for GPT-2 small with its settings. */
const NOTEBOOK: Record<string, number> = { clean: 3.2874, patched: 2.9462, projected: 1.2586 };

/** The notebook's figures, where they are for exactly this model and these settings. */
export function notebookFigures(result: PageResult, defaults: ExperimentSpec): Record<string, number> | null {
  const settings = JSON.stringify(settingsForSpec(result.spec));
  return result.model === HUB_ID && settings === JSON.stringify(settingsForSpec(defaults)) ? NOTEBOOK : null;
}

const COLUMNS = ["experiment", "condition", "prompt", "layer", "head", "position", "value"] as const;

/** Line by line, the header first, with a pause now and then: there may be hundreds of thousands. */
export function* csv(result: ExperimentResult): Generator<void, string[]> {
  const lines = [csvLine(COLUMNS)];
  for (const row of rowsOf(result)) {
    lines.push(csvLine(COLUMNS.map((column) => row[column])));
    if (lines.length % PAUSE === 0) yield;
  }
  return lines;
}

const PAUSE = 500;

/** A name for downloads that tells results apart. */
export function fileStem({ head, spec }: Pick<PageResult, "head" | "spec">): string {
  return stemOf(head.join("."), spec.dataset);
}

export function stemOf(what: string, { n, seed, prompts }: DatasetSpec): string {
  const made = prompts === undefined ? `n${n}` : `own${prompts.length}`;
  return `patchbay-${what}-${made}-seed${seed}`;
}
