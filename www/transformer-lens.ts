// The shown run as a Python script for TransformerLens. Prompts and settings are written into it as data; what it does
// with them is transformer-lens.py, which is the same for every run.

import lexicon from "../crate/src/ioi/lexicon.json";
import type { PromptView } from "../pkg/cpu/patchbay.js";
import { APP_VERSION } from "./app.ts";
import type { PageResult } from "./result.ts";
import { HUB_ID, MINI_ID } from "./sources.ts";
import program from "./transformer-lens.py?raw";

/** Input, only at END, replacement, LayerNorm's scale: frozen, live, or as the settings say. As in crate/src/experiment. */
type Edit = readonly ["q" | "k", boolean, string, boolean | null];

const EDITS: Record<string, Record<string, Edit>> = {
  patching_positions: {
    patched: ["q", false, "flipped", null],
    projected: ["q", true, "IO and S", null],
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
const FILES = {
  sha256: "model.safetensors",
  config_sha256: "config.json",
  tokenizer_sha256: "tokenizer.json",
} as const;

/** `prompts`: the run's, as its model reads them. */
export function transformerLensScript(result: PageResult, prompts: readonly PromptView[]): string {
  const { head, spec, origin } = result;
  const edits = EDITS[result.experiment];
  if (edits === undefined) throw new Error(`no script is known for the experiment ${result.experiment}`);
  const { seed, prepend_bos } = spec.dataset;
  const cases = Object.keys(result.conditions)
    .filter((name) => name !== "clean")
    .map((name) => {
      const edit = edits[name];
      if (edit === undefined) throw new Error(`no script is known for the condition ${name}`);
      const [input, atEnd, replacement, frozen] = edit;
      return `    ${literal(name)}: (${[literal(input), flag(atEnd), literal(replacement), flag(frozen ?? spec.freeze_ln)].join(", ")}),`;
    });
  const figures = Object.entries(result.conditions).map(
    ([name, { mean_diff }]) => `    ${literal(name)}: ${Number(mean_diff.toPrecision(9))},`,
  );
  const data = [
    `PAGE_VERSION = ${literal(APP_VERSION)}`,
    `EXPERIMENT = ${literal(result.experiment)}`,
    `LAYER, HEAD = ${head[0]}, ${head[1]}`,
    `SEED = ${seed}`,
    `PREPEND_BOS = ${flag(prepend_bos)}`,
    `FLIP = ${literal(spec.flip)}  # already applied to the prompts below`,
    "",
    `# ${place(result)}`,
    `HUB = ${result.model === HUB_ID ? literal(HUB_ID) : "None"}`,
    `REVISION = ${origin.revision === null ? "None" : literal(origin.revision)}`,
    `SHA256 = {${Object.entries(FILES)
      .map(([key, name]) => `${literal(name)}: ${literal(origin[key as keyof typeof FILES])}`)
      .join(", ")}}`,
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
    `PAGE_ACCURACY = ${result.accuracy ?? "None"}`,
    "",
    "# Sentence, flipped sentence, IO, S, and the original's positions of IO, S1 and END in tokens",
    "PROMPTS = [",
    ...prompts.map(promptLine),
    "]",
    ...(cases.some((line) => line.includes("random names"))
      ? ["", "# What random names are drawn from", `NAMES = [${lexicon.names.map(literal).join(", ")}]`]
      : ["", "NAMES = []"]),
  ];
  // A function: in a text to insert, $ would be special.
  return program.replace(/^# DATA\n/m, () => `${data.join("\n")}\n`);
}

function promptLine({ sentence, flipped, io, s, positions }: PromptView): string {
  if (flipped === null || positions === null) throw new Error("a prompt that was run does not fit its model");
  const texts = [sentence, flipped.sentence, io, s].map(literal);
  return `    (${[...texts, positions.io, positions.s1, positions.end].join(", ")}),`;
}

function place({ model }: PageResult): string {
  if (model === HUB_ID) return "The model comes from the hub, at this revision.";
  const folder = "Give the folder with config.json, tokenizer.json and model.safetensors as the argument.";
  if (model === MINI_ID) return `The page's ioi-mini, from models/ioi-mini/ beside it. ${folder}`;
  if (model.startsWith("url:")) return `From ${literal(model.slice(4))}. ${folder}`;
  return `A model from a folder. ${folder}`;
}

const flag = (value: boolean) => (value ? "True" : "False");

/**
 * A text as a Python string. All that is not plain ASCII is escaped: a prompt may be anybody's, and characters that turn
 * the writing direction around or look like others must not make code look like something else.
 */
export function literal(text: string): string {
  const escaped = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") return `\\${character}`;
    if (code >= 0x20 && code < 0x7f) return character;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
