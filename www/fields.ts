// Every setting of the page, described once. A setting has a text form ("10", "true", "ABBA"): the form's controls
// show it and the share link carries it, so both are read by the same rules.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { quoted } from "./format.ts";
import { unreadable } from "./plain-text.ts";
import { parsePrompts, promptsProblem, promptsText } from "./prompts.ts";
import mini from "./public/models/ioi-mini/card.json";
import { HUB_ID, MINI_ID, modelIdProblem } from "./sources.ts";

const DEVICE_CHOICES = ["auto", "cpu", "webgpu"] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

export interface Settings {
  experiment: string;
  model: string;
  layer: number;
  head: number;
  n: number;
  seed: number;
  symmetric: boolean;
  prompt_type: "mixed" | "ABBA" | "BABA";
  prepend_bos: boolean;
  flip: string;
  /** Own prompts as text, see prompts.ts; "" for generated ones. */
  prompts: string;
  freeze_ln: boolean;
  device: DeviceChoice;
  accuracy: boolean;
}

export type FieldName = keyof Settings;

type Kind =
  | { kind: "integer"; min: number; max: number }
  | { kind: "flag" }
  | { kind: "choice"; choices: readonly string[] }
  | { kind: "text"; maxLength: number }
  | { kind: "model" }
  | { kind: "prompts" };

/** `optional`: a share link may leave it out, and the default holds. */
export type Field = Kind & { label: string; optional?: true };

// Layer and head end at 999 here only to stop nonsense early: the loaded model knows its own range.
export const FIELDS: Record<FieldName, Field> = {
  experiment: { label: "Experiment", kind: "choice", choices: ["patching_positions", "controls"] },
  model: { label: "Model", kind: "model" },
  layer: { label: "Layer", kind: "integer", min: 0, max: 999 },
  head: { label: "Head", kind: "integer", min: 0, max: 999 },
  n: { label: "Prompts (n)", kind: "integer", min: 1, max: 10_000 },
  seed: { label: "Seed", kind: "integer", min: 0, max: 4_294_967_295 },
  symmetric: { label: "Symmetric", kind: "flag" },
  prompt_type: { label: "Prompt type", kind: "choice", choices: ["mixed", "ABBA", "BABA"] },
  prepend_bos: { label: "Prepend BOS", kind: "flag" },
  flip: { label: "Flip", kind: "text", maxLength: 500 },
  prompts: { label: "Own prompts", kind: "prompts", optional: true },
  freeze_ln: { label: "Freeze LayerNorm scale", kind: "flag" },
  device: { label: "Device", kind: "choice", choices: DEVICE_CHOICES, optional: true },
  accuracy: { label: "IOI accuracy", kind: "flag", optional: true },
};

export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

export interface FieldProblem {
  field: string;
  message: string;
}

/** What is wrong with a field's text, or null. */
export function textProblem(field: Field, text: string): string | null {
  switch (field.kind) {
    case "integer": {
      const inRange = /^(0|[1-9]\d{0,14})$/.test(text) && between(Number(text), field.min, field.max);
      return inRange
        ? null
        : `expected a whole number from ${field.min} to ${field.max}, found ${quoted(text)}`;
    }
    case "flag":
      return text === "true" || text === "false" ? null : `expected true or false, found ${quoted(text)}`;
    case "choice":
      return field.choices.includes(text)
        ? null
        : `expected ${field.choices.join(", ")}, found ${quoted(text)}`;
    case "text":
      if (text === "") return "expected some text, found nothing";
      if (text.length > field.maxLength)
        return `expected at most ${field.maxLength} characters, found ${text.length}`;
      return plainProblem(text);
    case "model":
      return modelIdProblem(text);
    case "prompts":
      return promptsProblem(text);
  }
}

function plainProblem(text: string): string | null {
  const odd = unreadable(text);
  return odd === null ? null : `expected plain text, found ${odd}`;
}

function between(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

export type Texts = Record<FieldName, string>;

export function textsOf(settings: Settings): Texts {
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, String(settings[name])])) as Texts;
}

export function sameTexts(one: Texts, other: Texts, except: readonly FieldName[] = []): boolean {
  return FIELD_NAMES.every((name) => one[name] === other[name] || except.includes(name));
}

/** All problems at once, so that a form or link is mended in one go. */
export function problemsOf(texts: Texts): FieldProblem[] {
  return FIELD_NAMES.flatMap((field) => {
    const message = textProblem(FIELDS[field], texts[field]);
    return message === null ? [] : [{ field, message }];
  });
}

/** Only for texts without problems. */
export function settingsOf(texts: Texts): Settings {
  const values = FIELD_NAMES.map((name) => {
    const { kind } = FIELDS[name];
    const text = texts[name];
    return [name, kind === "integer" ? Number(text) : kind === "flag" ? text === "true" : text];
  });
  return Object.fromEntries(values) as Settings;
}

export function specOf(settings: Settings): ExperimentSpec {
  const { experiment, layer, head, n, seed, symmetric, prompt_type, prepend_bos, flip, freeze_ln } = settings;
  const { prompts } = parsePrompts(settings.prompts);
  const generated = { n, seed, symmetric, prompt_type, prepend_bos };
  const dataset = prompts.length > 0 ? { ...generated, prompts: [...prompts] } : generated;
  return { experiment, layer, head, dataset, flip, freeze_ln };
}

/** Settings for a spec, with the page's own defaults for what a spec does not hold. */
export function settingsForSpec(spec: ExperimentSpec): Settings {
  const { experiment, layer, head, dataset, flip, freeze_ln } = spec;
  const { n, seed, symmetric, prompt_type, prepend_bos } = dataset;
  const chosen = { experiment, layer, head, n, seed, symmetric, prompt_type, prepend_bos, flip, freeze_ln };
  const prompts = promptsText(dataset.prompts ?? []);
  return { model: HUB_ID, device: "auto", accuracy: false, ...chosen, prompts };
}

/** What the page opens with: the toy model that comes with it, at its own head. */
export function openingSettings(defaults: ExperimentSpec): Settings {
  const settings = settingsForSpec(defaults);
  const [layer, head] = headFor(MINI_ID, defaults);
  return { ...settings, model: MINI_ID, layer, head };
}

/** The head that a model is mostly asked about; of a model that the page does not know, the notebook's until it is read. */
export function headFor(model: string, defaults: ExperimentSpec): readonly [number, number] {
  return model === MINI_ID ? (mini.default_head as [number, number]) : [defaults.layer, defaults.head];
}
