// The evidence that the edits did what they say, the device, the model's origin, and the timings.

import type { EditEvidence, ModelInfo } from "../../pkg/cpu/patchbay.js";
import { byId, describe, type Entry, element } from "../dom.ts";
import { bytes, count, duration, short, small } from "../format.ts";
import { hashes } from "../identity.ts";
import type { LoadTimes, ModelOrigin } from "../protocol.ts";
import type { PageResult } from "../result.ts";
import { scrolledTable } from "./scrolled.ts";
import { withTerms } from "./terms.ts";

/** What each edit of the queries' input did, a row an edit. */
export function queryEditRows(result: PageResult): string[][] {
  return Object.entries(result.evidence.edits)
    .filter(([, edit]) => edit.keys === undefined)
    .map(([condition, edit]) => [
      condition,
      touched(edit, result),
      small(edit.mean_delta_q_input),
      small(edit.mean_delta_q),
    ]);
}

/** The same of the keys' input, a row for each of the two keys whose scores are compared. */
export function keyEditRows(result: PageResult): string[][] {
  return Object.entries(result.evidence.edits).flatMap(([condition, edit]) => {
    const { keys } = edit;
    if (keys === undefined) return [];
    const row = (key: string, input: number, itself: number) => [
      `${condition}, key of ${key}`,
      touched(edit, result),
      small(input),
      small(itself),
    ];
    return [
      row("IO", keys.mean_delta_k_input_io, keys.mean_delta_k_io),
      row("S1", keys.mean_delta_k_input_s1, keys.mean_delta_k_s1),
    ];
  });
}

/** Of the prompts that were run: a dataset of one's own has as many as were given. */
function touched({ prompts_touched }: EditEvidence, { conditions, spec }: PageResult): string {
  return `${count(prompts_touched)} of ${count(conditions.clean?.diff.length ?? spec.dataset.n)}`;
}

export function controlEntries({ evidence, accuracy }: PageResult): Entry[] {
  const controls = Object.entries(evidence.noops).map(([name, change]): Entry => {
    const text =
      change === 0
        ? "0: patching from the clean run itself changes no score"
        : `${change}: expected exactly 0. Patching from the clean run itself changed scores, so do not trust this result.`;
    return [`${name} control`, text];
  });
  if (accuracy === null) return controls;
  return [
    ...controls,
    ["IOI accuracy", `${(accuracy * 100).toFixed(1)}% of prompts: logit[IO] > logit[S] at END`],
  ];
}

function deviceEntries({ device_info: info }: PageResult): Entry[] {
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
  const { from, revision, notes, unstored } = origin;
  return [
    ["from", FROM[from]],
    ...(revision === null ? [] : [["revision", short(revision), revision] as const]),
    ["weights", bytes(origin.bytes)],
    ...hashes(origin).map(({ part, sha256 }): Entry => [`SHA-256 of ${part}`, short(sha256), sha256]),
    ["shape", `${model.n_layer} layers × ${model.n_head} heads, d_model ${model.d_model}`],
    ["parameters", count(model.parameters)],
    ...[...notes, ...(unstored === null ? [] : [unstored])].map((note): Entry => ["note", note]),
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

const QUERY_COLUMNS = ["edit at END", "prompts touched", "mean ‖Δq_input‖", "mean ‖Δq‖"];
const KEY_COLUMNS = ["edit at the keys", "prompts touched", "mean ‖Δk_input‖", "mean ‖Δk‖"];

export function showFacts(result: PageResult, model: ModelInfo): void {
  const control = element("dl");
  describe(control, controlEntries(result), (text) => withTerms(text));
  byId("evidence", HTMLElement).replaceChildren(
    ...editTable("What each edit changed", QUERY_COLUMNS, queryEditRows(result)),
    ...editTable("What each edit of the keys changed", KEY_COLUMNS, keyEditRows(result)),
    control,
  );
  describe(byId("device-info", HTMLElement), deviceEntries(result));
  describe(byId("model-info", HTMLElement), modelEntries(result, model));
  describe(byId("timings", HTMLElement), timingEntries(result));
}

/** Nothing at all without rows. */
function editTable(caption: string, header: string[], rows: string[][]): HTMLElement[] {
  return rows.length === 0
    ? []
    : [scrolledTable(caption, { header, rows }, "", { column: (text) => withTerms(text) })];
}
