// For tests: an answer of two layers and two heads, or roles, on three prompts.

import type { Figure, PatchResult, Report } from "../../../pkg/cpu/patchbay.js";
import { textsOf } from "../../store/session.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { runOf } from "../reproduce/testing.ts";
import { patch } from "./asked.ts";

const AXES = {
  site: { name: "site", labels: ["z", "v"] },
  layer: { name: "layer", labels: ["0", "1"] },
  head: { name: "head", labels: ["0", "1"] },
  role: { name: "role", labels: ["IO", "END"] },
};
export type AxisName = keyof typeof AXES;

/** A number for each cell, from 0 in tenths. */
function frameOf(axes: readonly AxisName[]) {
  const count = 2 ** axes.length;
  const values = (by: number) => Array.from({ length: count }, (_, i) => i / 10 + by);
  return {
    axes: axes.map((name) => AXES[name]),
    columns: [
      { name: "recovered", unit: "of the way to the clean run", values: values(0) },
      { name: "recovered_low", unit: "of the way to the clean run", values: values(-0.05) },
      { name: "recovered_high", unit: "of the way to the clean run", values: values(0.05) },
      { name: "logit_diff", unit: "logits", values: values(-3) },
      { name: "count", unit: "prompts", values: values(0).map(() => 3) },
    ],
  };
}

const RANKED: Record<string, string> = {
  "layer,head": "1.1",
  "layer,role": "layer 1, END",
  "role,layer,head": "1.1, END",
};

export function reportOf(axes: readonly AxisName[]): Report {
  const figure = (name: string, chart: Figure["chart"], frame: Figure["frame"]): Figure => ({
    name,
    title: name,
    caption: "",
    chart,
    frame,
    groups: [],
  });
  const rank = {
    axes: [{ name: "place", labels: [RANKED[axes.join()] ?? ""] }],
    columns: [{ name: "recovered", unit: "", values: [0.3] }],
  };
  return {
    about: "z patched",
    stem: "z-denoise",
    answer: "Of 4 heads, three bring it back. The corrupted run counts as 0%.",
    notes: [],
    tables: [{ name: "means", title: "The runs", header: ["edited"], rows: [["clean run"]], caption: "" }],
    figures: [figure("map", "heat_map", frameOf(axes)), figure("largest", "bars", rank)],
  };
}

/** Shows an answer to what the page is set to. A cell's value in a prompt is the prompt and, after the comma, the cell. */
export function answered(axes: readonly AxisName[]): Answer<PatchResult> {
  const run = runOf({ texts: textsOf("patch") }) as unknown as Answer<PatchResult>;
  const nest = (prompt: number, depth: number, first: number): unknown => {
    const size = 2 ** (axes.length - depth);
    return depth === axes.length
      ? prompt + first / 10
      : [nest(prompt, depth + 1, first), nest(prompt, depth + 1, first + size / 2)];
  };
  run.key = patch.wanted.value ?? "";
  run.reply.report = reportOf(axes);
  run.reply.result = {
    spec: { direction: "denoise", fill: "patch" },
    metric: "logit_diff",
    unit: "logits",
    axes: axes.map((name) => AXES[name]),
    per_prompt: [1, 2, 3].map((prompt) => nest(prompt, 0, 0)),
    per_prompt_base: [-1, -2, -3],
  } as unknown as PatchResult;
  patch.show(run);
  return run;
}
