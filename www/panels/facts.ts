// The evidence that the edits did what they say, the device, the model's origin, and the timings.

import type { ModelInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe, type Entry, element } from "../dom.ts";
import { bytes, count, duration, short, small } from "../format.ts";
import type { LoadTimes, ModelOrigin } from "../protocol.ts";
import type { PageResult } from "../result.ts";
import { showTable } from "./table.ts";

/** What each edit did, a row an edit. */
export function editRows({ evidence, spec }: PageResult): string[][] {
  const { n, prompts } = spec.dataset;
  return Object.entries(evidence.edits).map(([condition, edit]) => [
    condition,
    `${count(edit.prompts_touched)} of ${count(prompts?.length ?? n)}`,
    small(edit.mean_delta_q_input),
    small(edit.mean_delta_q),
  ]);
}

export function controlEntries({ evidence, accuracy }: PageResult): Entry[] {
  const noop = evidence.noop_max_abs_change;
  const control: Entry = [
    "no-op control",
    noop === 0
      ? "0: patching from the clean run itself changes no score"
      : `${noop}: expected exactly 0. Patching from the clean run itself changed scores, so do not trust this result.`,
  ];
  if (accuracy === null) return [control];
  return [
    control,
    ["IOI accuracy", `${(accuracy * 100).toFixed(1)}% of prompts: logit[IO] > logit[S] at END`],
  ];
}

export function deviceEntries({ device_info: info }: PageResult): Entry[] {
  const used: Entry[] = [
    ["in use", info.device === "gpu" ? "GPU (WebGPU)" : "CPU (WebAssembly)"],
    ["adapter", info.adapter],
  ];
  const check = info.self_check;
  const checked = check
    ? `${check.passed ? "passed" : "failed"}: GPU and CPU differ by at most ${small(check.max_difference)} (allowed ${small(check.tolerance)})`
    : "not needed, this is the CPU";
  return [...used, ["self-check", checked], ...(info.note === null ? [] : [["note", info.note] as const])];
}

const FROM: Record<ModelOrigin["from"], string> = {
  memory: "memory: read for an earlier run",
  site: "this site",
  network: "the network",
  storage: "this browser's storage, without network",
  folder: "the picked folder",
};

export function modelEntries({ origin }: PageResult, model: ModelInfo): Entry[] {
  const { from, revision, sha256, unstored } = origin;
  return [
    ["from", FROM[from]],
    ...(revision === null ? [] : [["revision", short(revision), revision] as const]),
    ["weights", bytes(origin.bytes)],
    ["SHA-256", short(sha256), sha256],
    ["shape", `${model.n_layer} layers × ${model.n_head} heads, d_model ${model.d_model}`],
    ["parameters", count(model.parameters)],
    ...(unstored === null ? [] : [["note", unstored] as const]),
  ];
}

export function timingEntries({ timings_ms, origin }: PageResult): Entry[] {
  return [
    [
      "load",
      origin.from === "memory" ? "model already in memory" : `${duration(timings_ms.load)}, files included`,
    ],
    ...(origin.load_ms === null ? [] : [["of which", phases(origin.load_ms)] as const]),
    ["run", duration(timings_ms.run)],
  ];
}

/** What took no time did not happen. */
function phases({ network, storage, hash, process }: LoadTimes): string {
  const named = [
    ["network", network],
    ["storage", storage],
    ["SHA-256", hash],
    ["processing", process],
  ] as const;
  return named
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${duration(ms)}`)
    .join(" · ");
}

const EDIT_COLUMNS = ["edit at END", "prompts touched", "mean ‖Δq_input‖", "mean ‖Δq‖"];

export function showFacts(result: PageResult, model: ModelInfo): void {
  const edits = element("table");
  showTable(edits, "What each edit changed", { header: EDIT_COLUMNS, rows: editRows(result) });
  const control = element("dl");
  describe(control, controlEntries(result));
  byId("evidence", HTMLElement).replaceChildren(edits, control);
  describe(byId("device-info", HTMLElement), deviceEntries(result));
  describe(byId("model-info", HTMLElement), modelEntries(result, model));
  describe(byId("timings", HTMLElement), timingEntries(result));
}
