// The settings of the panel "Why the head attends": apart from the run's, since they change nothing about it. The
// panel's controls show them, and a share link carries those that are not the defaults.

import type { DecompositionSpec, ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { type Field, type FieldProblem, textProblem } from "./fields.ts";
import { quoted } from "./format.ts";

const AS_IT_IS = "unchanged";

/** What may be done to a side, and to which side: a substituted one cannot be taken apart. */
const QUERY_CHOICES = [AS_IT_IS, "sub_W_U_IO", "project_to_W_U_IO"] as const;
const KEY_CHOICES = [
  AS_IT_IS,
  "sub_MLP0",
  "sub_W_E (no MLPs)",
  "sub_W_E (including MLPs)",
  "sub_W_E (only MLPs)",
  "project_to_MLP0",
] as const;

/** By name, which is also the control's id with - for _. */
export const PANEL_FIELDS = {
  decompose_by: { label: "Decompose by", kind: "choice", choices: ["keys", "queries", "both"] },
  decompose_score: { label: "Score", kind: "choice", choices: ["io_minus_s1", "io"] },
  decompose_query: { label: "Query", kind: "choice", choices: QUERY_CHOICES },
  decompose_key: { label: "Key", kind: "choice", choices: KEY_CHOICES },
  decompose_span: {
    label: "Projected on",
    kind: "choice",
    choices: ["io", "io_s", "io_forms", "io_s_forms"],
  },
  decompose_threshold: {
    label: "Faint below this percentage of the largest",
    kind: "integer",
    min: 0,
    max: 100,
  },
  decompose_zoom: { label: "Zoom", kind: "integer", min: 1, max: 8 },
  decompose_marks: { label: "Marked pairs, query and key", kind: "text", maxLength: 500 },
  replace_side: { label: "Replace", kind: "choice", choices: ["queries", "keys"] },
  replace_values: { label: "Show", kind: "choice", choices: ["io_probability", "io_score", "diff"] },
  replace_layout: { label: "Histograms", kind: "choice", choices: ["overlaid", "multiples"] },
  replace_name_mover: { label: "Name mover", kind: "text", maxLength: 9 },
  explore_token: { label: "Token", kind: "text", maxLength: 50 },
} as const satisfies Record<string, Field>;

export type PanelFieldName = keyof typeof PANEL_FIELDS;
export type PanelTexts = Record<PanelFieldName, string>;

export const PANEL_FIELD_NAMES = Object.keys(PANEL_FIELDS) as PanelFieldName[];

export const PANEL_DEFAULTS: PanelTexts = {
  decompose_by: "keys",
  decompose_score: "io_minus_s1",
  decompose_query: AS_IT_IS,
  decompose_key: AS_IT_IS,
  decompose_span: "io",
  decompose_threshold: "5",
  decompose_zoom: "1",
  // What is expected of GPT-2 small's 10.7: name movers match what MLP_0 makes of the name.
  decompose_marks: "9.6 MLP_0, 9.9 MLP_0, 8.10 MLP_0, 7.9 MLP_0",
  replace_side: "queries",
  replace_values: "io_probability",
  replace_layout: "overlaid",
  replace_name_mover: "",
  explore_token: " Mary",
};

export function isPanelFieldName(name: string): name is PanelFieldName {
  return Object.hasOwn(PANEL_FIELDS, name);
}

export function panelProblems(texts: PanelTexts): FieldProblem[] {
  return PANEL_FIELD_NAMES.flatMap((field) => {
    const { kind } = PANEL_FIELDS[field];
    // No marks are marks, too, and no name mover is the usual one.
    const message =
      kind === "text" && texts[field] === "" ? null : textProblem(PANEL_FIELDS[field], texts[field]);
    const { decompose_by: by } = texts;
    if (message === null && isSideName(field) && !fits(field, texts[field], by))
      return [{ field, message: `${quoted(texts[field])} does not go with decompose_by=${by}` }];
    return message === null ? [] : [{ field, message }];
  });
}

type SideName = "decompose_query" | "decompose_key";

function isSideName(name: PanelFieldName): name is SideName {
  return name === "decompose_query" || name === "decompose_key";
}

/** Whether a choice makes sense beside the others; the crate refuses those that do not. */
export function fits(name: SideName, choice: string, by: string): boolean {
  if (choice === AS_IT_IS) return true;
  if (by === "both") return false;
  const side = name === "decompose_query" ? "queries" : "keys";
  return by !== side || choice.startsWith("project");
}

/** What is asked of the head and the dataset of a run. Choices that do not fit are left out. */
export function decompositionSpec(texts: PanelTexts, run: ExperimentSpec): DecompositionSpec {
  const { decompose_by: by, decompose_score, decompose_query, decompose_key, decompose_span: span } = texts;
  const on = (name: SideName, choice: string) =>
    choice === AS_IT_IS || !fits(name, choice, by) ? null : choice;
  const projected = by === "both" || decompose_query.startsWith("project");
  return {
    layer: run.layer,
    head: run.head,
    dataset: run.dataset,
    decompose_by: by as DecompositionSpec["decompose_by"],
    intervene_on_query: on("decompose_query", decompose_query) as DecompositionSpec["intervene_on_query"],
    intervene_on_key: on("decompose_key", decompose_key) as DecompositionSpec["intervene_on_key"],
    subtract_S1: decompose_score === "io_minus_s1",
    include_S1_in_unembed_projection: projected && span.includes("_s"),
    include_name_forms_in_unembed_projection: projected && span.includes("_forms"),
  };
}
