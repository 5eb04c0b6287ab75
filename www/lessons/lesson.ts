// A lesson as its file of texts has it, and each of its steps as a link to a state of the page.

import { HUB_ID, MINI_ID } from "../door/sources.ts";
// The page's script has only what it needs of the card; the scores in it come with the lessons.
import { circuit, default_head } from "../public/models/ioi-mini/card.json";
import card from "../public/models/ioi-mini/card.json?raw";
import { encode } from "../store/link/link.ts";
import type { Panel } from "../store/panel.ts";
import { panels } from "../store/run.ts";
import { defaults, device, fieldsOf, type Texts } from "../store/session.ts";
import { LESSON, type LessonName } from "./names.ts";

/** Of the toy's heads, as they were measured when it was trained. */
const scores: { induction: number[][]; previous_token: number[][] } = JSON.parse(card).evaluation.heads;

export interface Lesson {
  title: string;
  about: string;
  /** Of GPT-2 small, by what they do here: "9.9". The toy's are found in what was measured of it. */
  heads: Readonly<Record<string, string>>;
  steps: readonly LessonStep[];
}

/** In all texts and in the state, "{mover}" is the head that does that. */
export interface LessonStep {
  title: string;
  text: readonly string[];
  question: string;
  guess: { choices: readonly string[] } | { number: { unit: string; min: number; max: number } };
  /** Fields of the form, and the question; "head" is both of layer and head. */
  state: Readonly<{ question: string; head?: string; [field: string]: string | undefined }>;
  /** Which task's answer says it, and which of its sentences, from 1; all where that is not told. */
  says: { task: string; sentence?: number };
  published: string;
  /** Where the toy differs. */
  toy: string;
  try: readonly string[];
}

/** The texts come when a lesson is opened. */
export const TEXTS: Readonly<Record<LessonName, () => Promise<Lesson>>> = {
  ioi: async () => (await import("./texts/ioi.json")).default as Lesson,
  induction: async () => (await import("./texts/induction.json")).default as Lesson,
};

/** Models of which lessons are given: those whose heads are known. Any other one gives way to the toy. */
export type LessonModel = typeof MINI_ID | typeof HUB_ID;
export const lessonModel = (id: string): LessonModel => (id === HUB_ID ? HUB_ID : MINI_ID);

/** What stands for the names in braces. */
export function wordsOf(lesson: Lesson, model: LessonModel): Readonly<Record<string, string>> {
  if (model === HUB_ID) {
    const kept = fieldsOf("circuit").find(({ name }) => name === "circuit_keep");
    return { ...lesson.heads, ...circuitWords(kept?.suggested[0]?.text ?? "") };
  }
  const usual = default_head.join(".");
  return {
    mover: usual,
    notebook: usual,
    induction: highest(scores.induction),
    previous: highest(scores.previous_token),
    ...circuitWords(circuit),
  };
}

const circuitWords = (circuit: string) => ({ circuit, nodes: String(circuit.split(",").length) });

/** The head of the highest score, by layer and head. */
export function highest(scores: readonly (readonly number[])[]): string {
  const all = scores.flatMap((row, layer) => row.map((score, head) => ({ score, name: `${layer}.${head}` })));
  return all.reduce((most, it) => (it.score > most.score ? it : most)).name;
}

export function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (braced, name) => words[name] ?? braced);
}

/** `#v=1&…&lesson=ioi.3` */
export function stepLink(
  name: LessonName,
  lesson: Lesson,
  step: number,
  model: LessonModel,
): Promise<string> {
  const state: LessonStep["state"] = lesson.steps[step - 1]?.state ?? { question: "" };
  const { question, head, ...fields } = state;
  const words = wordsOf(lesson, model);
  const [layer, index] = filled(head ?? "", words).split(".");
  const own = Object.entries(fields).map(([field, text]) => [field, filled(text ?? "", words)] as const);
  const texts: Texts = {
    ...defaults.value,
    ...Object.fromEntries(own),
    ...(index !== undefined && { layer: layer ?? "", head: index }),
    [LESSON]: `${name}.${step}`,
  };
  const { analyses = [] } = panelOf(question) ?? {};
  return encode({ texts, model, device: device.value, question, headline: null }, analyses);
}

export function panelOf(question: string): Panel | undefined {
  return panels.value.find(({ name }) => name === question);
}
