// The evidence that the edits did what they say, the device, and the timings.

import type { ModelInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe, element } from "../dom.ts";
import { count, duration, small } from "../format.ts";
import type { PageResult } from "../result.ts";
import { showTable } from "./table.ts";

type Entry = readonly [string, string];

/** What each edit did, a row an edit. */
export function editRows({ evidence, spec }: PageResult): string[][] {
  return Object.entries(evidence.edits).map(([condition, edit]) => [
    condition,
    `${count(edit.prompts_touched)} of ${count(spec.dataset.n)}`,
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

export function deviceEntries({ device_info: info }: PageResult, model: ModelInfo): Entry[] {
  const used: Entry[] = [
    ["in use", info.device === "gpu" ? "GPU (WebGPU)" : "CPU (WebAssembly)"],
    ["adapter", info.adapter],
  ];
  const check = info.self_check;
  const checked = check
    ? `${check.passed ? "passed" : "failed"}: GPU and CPU differ by at most ${small(check.max_difference)} (allowed ${small(check.tolerance)})`
    : "not needed, this is the CPU";
  const shape = `${model.n_layer} layers × ${model.n_head} heads, d_model ${model.d_model}, ${count(model.parameters)} parameters`;
  return [
    ...used,
    ["self-check", checked],
    ...(info.note === null ? [] : [["note", info.note] as const]),
    ["model", shape],
  ];
}

export function timingEntries({ timings_ms }: PageResult, reused: boolean): Entry[] {
  return [
    ["load", reused ? "model already in memory" : `${duration(timings_ms.load)}, files included`],
    ["run", duration(timings_ms.run)],
  ];
}

const EDIT_COLUMNS = ["edit at END", "prompts touched", "mean ‖Δq_input‖", "mean ‖Δq‖"];

export function showFacts(result: PageResult, model: ModelInfo, reused: boolean): void {
  const edits = element("table");
  showTable(edits, "What each edit changed", { header: EDIT_COLUMNS, rows: editRows(result) });
  const control = element("dl");
  describe(control, controlEntries(result));
  byId("evidence", HTMLElement).replaceChildren(edits, control);
  describe(byId("device-info", HTMLElement), deviceEntries(result, model));
  describe(byId("timings", HTMLElement), timingEntries(result, reused));
}
