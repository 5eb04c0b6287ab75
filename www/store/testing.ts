// For tests: the crate's fields as far as tests set them, and a reading of their texts that is as strict as the crate's.

import type { Choice, Field, LinkHeadline, Read, Schema } from "../../pkg/cpu/patchbay.js";
import type { Panel } from "./panel.ts";
import { fieldsOf, type Texts } from "./session.ts";

const field = (
  name: string,
  kind: Field["kind"],
  usual: string,
  group = "run",
  optional = false,
  tasks: string[] = [],
): Field => ({
  name,
  label: name,
  help: `What ${name} is.`,
  kind,
  default: usual,
  group,
  optional,
  suggested: [],
  tasks,
});

const choices = (...values: string[]): Field["kind"] => ({
  is: "choice",
  choices: values.map((value): Choice => ({ value, label: value, help: "" })),
});

const HEAD = [
  field("layer", { is: "integer", min: 0, max: 999 }, "", "head"),
  field("head", { is: "integer", min: 0, max: 999 }, "", "head"),
];

const DRAWN = ["ioi", "induction", "greater_than"];

const PROMPTS = [
  field("n", { is: "integer", min: 1, max: 10_000 }, "150", "task", false, DRAWN),
  field("seed", { is: "integer", min: 0, max: 4_294_967_295 }, "42", "task", false, DRAWN),
  field("symmetric", { is: "flag" }, "true", "task", false, ["ioi"]),
  field("prompt_type", choices("mixed", "ABBA", "BABA"), "mixed", "task", false, ["ioi"]),
  field("prepend_bos", { is: "flag" }, "true", "task"),
  field("prompts", { is: "prompts" }, "", "task", true, ["ioi"]),
];

const TASK = [
  field("task", choices(...DRAWN, "pairs"), "ioi", "task", true),
  field("induction_length", { is: "integer", min: 2, max: 10_000 }, "30", "task", true, ["induction"]),
  field("pairs", { is: "pairs" }, "", "task", true, ["pairs"]),
];

const RUN = [
  ...PROMPTS,
  field("flip", { is: "text", max_length: 500 }, "ABB -> BAB, BAB -> ABB", "task", false, ["ioi"]),
  field("freeze_ln", { is: "flag" }, "true"),
];

const EXPERIMENT = field(
  "experiment",
  choices("patching_positions", "controls"),
  "patching_positions",
  "question",
);

const CIRCUIT_STEP = field("circuit_step", choices("paths", "circuit"), "paths", "question", true);

const CIRCUIT = [
  {
    ...field("circuit_keep", { is: "text", max_length: 5000 }, "", "question", true),
    suggested: [{ label: "the paper's heads", text: "9.9@END, 5.5@S2" }],
  },
  field("circuit_fill", choices("mean", "zero", "patch"), "mean", "question", true),
  field("circuit_metric", choices("logit_diff", "attn_score_diff"), "logit_diff", "question", true),
  field("circuit_scored", { is: "text", max_length: 9 }, "", "question", true),
];

export const SCHEMAS: Schema[] = [
  {
    analysis: "experiment",
    fields: [EXPERIMENT, ...HEAD, ...RUN, field("accuracy", { is: "flag" }, "false", "run", true)],
  },
  { analysis: "sweep", fields: [EXPERIMENT, ...RUN] },
  {
    analysis: "attention",
    fields: [
      field(
        "attention_of",
        choices("clean", "corrupted", "flipped", "conditions", "text"),
        "clean",
        "question",
        true,
      ),
      field("attention_text", { is: "passage", max_length: 10_000 }, "A text", "question", true),
      field("attention_zero", { is: "text", max_length: 1000 }, "", "question", true),
      field("prompt", { is: "integer", min: 1, max: 10_000 }, "1", "question", true),
      ...HEAD,
      ...TASK,
      ...RUN,
      EXPERIMENT,
    ],
  },
  {
    analysis: "decompose",
    fields: [
      field("decompose_by", choices("keys", "queries", "both"), "keys", "question", true),
      field(
        "decompose_query",
        choices("unchanged", "sub_W_U_IO", "project_to_W_U_IO"),
        "unchanged",
        "question",
        true,
      ),
      field("decompose_span", choices("io", "io_s"), "io", "question", true),
      ...HEAD,
      ...PROMPTS,
    ],
  },
  {
    analysis: "replacements",
    fields: [
      field("replace_side", choices("queries", "keys"), "queries", "question", true),
      ...HEAD,
      ...PROMPTS,
    ],
  },
  {
    analysis: "patch",
    fields: [
      field("patch_site", choices("z", "q_input", "resid_pre"), "z", "question", true),
      field(
        "patch_edit",
        choices("denoise", "noise", "zero", "mean", "add", "project_out"),
        "denoise",
        "question",
        true,
      ),
      field("patch_times", { is: "text", max_length: 20 }, "1", "question", true),
      field("patch_vector", { is: "vector" }, "", "question", true),
      field("patch_freeze_ln", { is: "flag" }, "false", "question", true),
      field(
        "patch_over",
        choices("layer,head", "layer,role", "layer", "role,layer,head"),
        "layer,head",
        "question",
        true,
      ),
      field("patch_at", { is: "text", max_length: 50 }, "all", "question", true),
      field("patch_metric", choices("logit_diff", "kl", "attn_score_diff"), "logit_diff", "question", true),
      field("patch_scored", { is: "text", max_length: 9 }, "", "question", true),
      ...TASK,
      ...PROMPTS,
    ],
  },
  {
    analysis: "cache",
    fields: [
      field("cache_sites", { is: "text", max_length: 200 }, "resid_post", "question", true),
      ...TASK,
      ...PROMPTS,
    ],
  },
  { analysis: "heads", fields: [...TASK, ...PROMPTS] },
  {
    analysis: "paths",
    fields: [
      CIRCUIT_STEP,
      field("paths_receivers", { is: "text", max_length: 1000 }, "logits", "question", true),
      field("paths_mlps", choices("recomputed", "frozen"), "recomputed", "question", true),
      field("paths_metric", choices("logit_diff", "attn_score_diff"), "logit_diff", "question", true),
      field("paths_scored", { is: "text", max_length: 9 }, "", "question", true),
      ...TASK,
      ...PROMPTS,
    ],
  },
  { analysis: "circuit", fields: [CIRCUIT_STEP, ...CIRCUIT, ...TASK, ...PROMPTS] },
  { analysis: "examine", fields: [...CIRCUIT, ...TASK, ...PROMPTS] },
  { analysis: "edges", fields: [...CIRCUIT, ...TASK, ...PROMPTS] },
  {
    analysis: "nearest",
    fields: [field("explore_token", { is: "text", max_length: 50 }, " Mary", "question", true)],
  },
];

const panel = (name: string, analyses: string[]): Panel => ({
  name,
  title: name,
  analyses,
  flips: true,
  task: null,
  Controls: null,
  View: () => null,
});

export const PANELS = [panel("place", []), panel("why", ["decompose", "nearest"])];

function problemOf({ kind, default: usual }: Field, text: string): string | null {
  if (text === "" && usual === "") return null;
  switch (kind.is) {
    case "integer":
      return /^(0|[1-9]\d*)$/.test(text) && Number(text) >= kind.min && Number(text) <= kind.max
        ? null
        : `expected a whole number from ${kind.min} to ${kind.max}, found "${text.slice(0, 80)}"`;
    case "flag":
      return text === "true" || text === "false" ? null : "expected true or false";
    case "choice":
      return kind.choices.some(({ value }) => value === text) ? null : "expected another";
    case "text":
    case "passage":
      return text !== "" && text.length <= kind.max_length ? null : "expected some text";
    case "prompts":
    case "pairs":
      return text.includes("|") ? null : "expected a prompt";
    case "vector":
      return null;
  }
}

/** As the worker's. */
export const LAB = {
  read: async (analysis: string, texts: Texts): Promise<Read> => {
    const problems = fieldsOf(analysis).flatMap((field) => {
      const message = problemOf(field, texts[field.name] ?? field.default);
      return message === null ? [] : [{ field: field.name, message }];
    });
    return { spec: problems.length > 0 ? null : { analysis }, problems, left_out: [] };
  },
  /** What else is wrong with its parts is the crate's to find. */
  headline: async (texts: Texts): Promise<LinkHeadline> => {
    const parts = Object.entries(texts).filter(([name]) => ["app", "sha256", "means"].includes(name));
    const problems = parts.flatMap(([field, text]) => (text === "" ? [{ field, message: "empty" }] : []));
    return { headline: Object.fromEntries(parts), problems };
  },
};
