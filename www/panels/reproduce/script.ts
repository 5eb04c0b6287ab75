// A run as a Python script for TransformerLens. Prompts and settings are written into it as data; what it does with them
// is transformer-lens.py, which is the same for every run.

import { names as NAMES } from "../../../crate/src/ioi/lexicon.json";
import type { ExperimentResult, PromptView } from "../../../pkg/cpu/patchbay.js";
import { HUB_ID, MINI_ID, URL_PREFIX } from "../../door/sources.ts";
import type { Answer } from "../../store/task.ts";
import { APP_VERSION } from "../../store/version.ts";
import program from "./transformer-lens.py?raw";

/** Input, only at END, replacement, LayerNorm's scale: frozen, live, or as the settings say. As in crate/src/experiment. */
type Edit = readonly ["q" | "k", boolean, string, boolean | null];

const EDITS: Readonly<Record<string, Readonly<Record<string, Edit>>>> = {
  patching_positions: {
    patched: ["q", false, "flipped", null],
    projected: ["q", true, "IO and S", null],
    "projected on random directions": ["q", true, "random directions", null],
  },
  controls: {
    "patched, frozen LN": ["q", false, "flipped", true],
    "patched, live LN": ["q", false, "flipped", false],
    "patched at END": ["q", true, "flipped", null],
    "patched k_input": ["k", false, "flipped", true],
    "projected, frozen LN": ["q", true, "IO and S", true],
    "projected, live LN": ["q", true, "IO and S", false],
    "projected on IO": ["q", true, "IO", null],
    "projected on S": ["q", true, "S", null],
    "projected on random names": ["q", true, "random names", null],
    "projected on random directions": ["q", true, "random directions", null],
  },
};

/** Whose hashes the page knows the model by. */
const FILES = [
  ["model.safetensors", "sha256"],
  ["config.json", "config_sha256"],
  ["tokenizer.json", "tokenizer_sha256"],
] as const;

/** Whether there is a script of this experiment. */
export function isScripted({ experiment, conditions }: ExperimentResult): boolean {
  const edits = EDITS[experiment];
  return edits !== undefined && Object.keys(conditions).every((name) => name === "clean" || name in edits);
}

/** `prompts`: the run's, as its model reads them. */
export function transformerLensScript(
  { asked, reply }: Pick<Answer<ExperimentResult>, "asked" | "reply">,
  prompts: readonly PromptView[],
): string {
  const { result, origin } = reply;
  const { experiment, head, spec, conditions, accuracy } = result;
  const cases = Object.keys(conditions).flatMap((name) => {
    if (name === "clean") return [];
    const edit = EDITS[experiment]?.[name];
    if (edit === undefined)
      throw new Error(`no script is known for the condition ${name} of the experiment ${experiment}`);
    const [input, atEnd, replacement, frozen] = edit;
    const cells = [literal(input), flag(atEnd), literal(replacement), flag(frozen ?? spec.freeze_ln)];
    return [`    ${literal(name)}: (${cells.join(", ")}),`];
  });
  const figures = Object.entries(conditions).map(
    ([name, { mean_diff }]) => `    ${literal(name)}: ${Number(mean_diff.toPrecision(9))},`,
  );
  const drawsNames = cases.some((line) => line.includes("random names"));
  const data = [
    `PAGE_VERSION = ${literal(APP_VERSION)}`,
    `EXPERIMENT = ${literal(experiment)}`,
    `LAYER, HEAD = ${head[0]}, ${head[1]}`,
    `SEED = ${spec.dataset.seed}`,
    `PREPEND_BOS = ${flag(spec.dataset.prepend_bos)}`,
    `FLIP = ${literal(spec.flip)}  # already applied to the prompts below`,
    "",
    `# ${place(asked.model)}`,
    `HUB = ${asked.model === HUB_ID ? literal(HUB_ID) : "None"}`,
    `REVISION = ${origin.revision === null ? "None" : literal(origin.revision)}`,
    `SHA256 = {${FILES.map(([name, key]) => `${literal(name)}: ${literal(origin[key])}`).join(", ")}}`,
    "",
    "# What an edit replaces: (input, only at END, by what, LayerNorm's scale stays the clean run's)",
    "CASES = {",
    ...cases,
    "}",
    "",
    "# What the page found: the mean attention score difference",
    "PAGE = {",
    ...figures,
    "}",
    `PAGE_ACCURACY = ${accuracy ?? "None"}`,
    "",
    "# Sentence, flipped sentence, IO, S, and the original's positions of IO, S1 and END in tokens",
    "PROMPTS = [",
    ...prompts.map(promptLine),
    "]",
    "",
    "# What random names are drawn from",
    `NAMES = [${drawsNames ? NAMES.map(literal).join(", ") : ""}]`,
  ];
  // A function: in a text to insert, $ would be special.
  return program.replace(/^# DATA\n/m, () => `${data.join("\n")}\n`);
}

function promptLine({ sentence, flipped, io, s, positions }: PromptView): string {
  if (flipped === null || positions === null) throw new Error("a prompt that was run does not fit its model");
  const texts = [sentence, flipped.sentence, io, s].map(literal);
  return `    (${[...texts, positions.io, positions.s1, positions.end].join(", ")}),`;
}

function place(model: string): string {
  if (model === HUB_ID) return "The model comes from the hub, at this revision.";
  const folder = "Give the folder with config.json, tokenizer.json and model.safetensors as the argument.";
  if (model === MINI_ID) return `The page's ioi-mini, from models/ioi-mini/ beside it. ${folder}`;
  if (model.startsWith(URL_PREFIX)) return `From ${literal(model.slice(URL_PREFIX.length))}. ${folder}`;
  return `A model from a folder. ${folder}`;
}

const flag = (value: boolean) => (value ? "True" : "False");

/**
 * A text as a Python string. All that is not plain ASCII is escaped: a prompt may be anybody's, and characters that turn
 * the writing direction around or look like others must not make code look like something else.
 */
export function literal(text: string): string {
  const escaped = text.replace(/[^ !#-[\]-~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") return `\\${character}`;
    const digits = code.toString(16);
    return code > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
