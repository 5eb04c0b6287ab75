// What the page is set to: the form's texts by field, the model, the device, the question. All that a share link carries is
// here, and all that several panels have to know alike.

import { batch, computed, signal } from "@preact/signals";
import type { Field, ModelInfo, Schema } from "../../pkg/cpu/patchbay.js";
import type { DeviceChoice } from "../door/protocol.ts";
import { HUB_ID, MINI_ID, type ModelSource } from "../door/sources.ts";
// By their names, so that the rest of it is no part of the script.
import { circuit as miniCircuit, default_head as miniHead } from "../public/models/ioi-mini/card.json";

/** Values of fields by name, as a form and a link have them: "10", "true", "ABBA". */
export type Texts = Readonly<Record<string, string>>;

export interface FieldProblem {
  field: string;
  message: string;
}

/** The crate's own description of what each analysis takes. Empty until the worker has answered. */
export const schemas = signal<readonly Schema[]>([]);

export const texts = signal<Texts>({});
export const model = signal<string>(MINI_ID);
export const device = signal<DeviceChoice>("auto");
/** The folder that was picked last. */
export const folder = signal<ModelSource | null>(null);
/** The name of the panel in view. */
export const question = signal("place");
/** How often the keyboard has had to go to the answer: what was pressed is not in view any more. */
export const arrivals = signal(0);
/** How often a run was refused for what is in fields: the keyboard goes to the first of them. */
export const refusals = signal(0);
/** A prompt's place in the dataset, from 0, chosen in any panel. Its text, as people count, is from 1. */
export const prompt = computed(() => Math.max(0, Math.floor(Number(texts.value.prompt ?? 1) || 1) - 1));
/** What is wrong with fields, of the last check or run. */
export const problems = signal<readonly FieldProblem[]>([]);
/** The last model that was read, with its id. */
export const known = signal<{ id: string; info: ModelInfo } | null>(null);

/** The weights that were read last, by the model's id. */
export const weights = signal<{ id: string; sha256: string } | null>(null);

/** What is known of the model that is chosen; null until it has been read. */
export const info = computed(() => (known.value?.id === model.value ? known.value.info : null));

/** Of models that are known before they are read: ioi-mini's by its card, and GPT-2 small's negative name mover. */
const KNOWN: Readonly<Record<string, readonly number[]>> = {
  [MINI_ID]: miniHead,
  [HUB_ID]: [10, 7],
};

/** The head that is asked about where none is chosen, as far as it is known; others' by their shape. */
export const usualHead = computed(
  () => (KNOWN[model.value] ?? info.value?.default_head ?? null) as readonly [number, number] | null,
);

/** Layer and head that were chosen, of which one may be the usual one's; null where it is the model's own default. */
export const chosenHead = computed((): readonly [number, number] | null => {
  const { layer = "", head = "" } = completed(texts.value);
  return layer === "" || head === "" ? null : [Number(layer), Number(head)];
});

/** With the other one of the usual head where layer or head stands alone, which is what the empty field shows. */
function completed(texts: Texts): Texts {
  const { layer, head } = texts;
  const usual = usualHead.value;
  if (usual === null || layer === undefined || head === undefined || (layer === "") === (head === ""))
    return texts;
  return { ...texts, layer: layer || String(usual[0]), head: head || String(usual[1]) };
}

/** The head in question, as far as it is known. */
export const head = computed(() => chosenHead.value ?? usualHead.value);

export function setText(name: string, value: string): void {
  if (texts.value[name] === value) return;
  batch(() => {
    texts.value = { ...texts.value, [name]: value };
    problems.value = problems.value.filter(({ field }) => field !== name);
  });
}

/** Brings a question into view, as its tab does. `arrive`: with the keyboard. */
export function goTo(name: string, { arrive = false } = {}): void {
  // Back is to come to the question before and leave the settings alone, whatever link stands in the address there.
  history.replaceState({ question: question.value }, "");
  batch(() => {
    question.value = name;
    if (arrive) arrivals.value += 1;
  });
  history.pushState({ question: name }, "", `#question=${name}`);
}

export function choosePrompt(place: number): void {
  setText("prompt", String(place + 1));
}

export function chooseHead(layer: number, index: number): void {
  batch(() => {
    setText("layer", String(layer));
    setText("head", String(index));
  });
}

/** Every field's default, by name. */
export const defaults = computed(
  (): Texts =>
    Object.fromEntries(
      schemas.value.flatMap(({ fields }) => fields.map(({ name, default: text }) => [name, text])),
    ),
);

/** Which task's prompts are at work. */
export const task = computed(() => texts.value.task ?? "ioi");

/** Whether a field says something of a task. */
export function saysOf({ tasks }: Field, task: string): boolean {
  return tasks.length === 0 || tasks.includes(task);
}

/** What an analysis takes. */
export function fieldsOf(analysis: string): readonly Field[] {
  return schemas.value.find((schema) => schema.analysis === analysis)?.fields ?? [];
}

/** What it takes of a task; all, where it is asked of one task only. */
export function fieldsOfTask(analysis: string, task: string): readonly Field[] {
  const fields = fieldsOf(analysis);
  return fields.some(({ name }) => name === "task") ? fields.filter((field) => saysOf(field, task)) : fields;
}

/** Fields that name one head, and mean the model's own default one where they are empty. */
const HEADS = ["patch_scored", "paths_scored", "circuit_scored"];

/** The texts of one analysis's fields, with the head that is meant; of the chosen task's, where there are several. */
export function textsOf(analysis: string, from: Texts = texts.value): Texts {
  const fields = fieldsOfTask(analysis, from.task ?? "ioi");
  const found = completed(
    Object.fromEntries(fields.map(({ name, default: text }) => [name, from[name] ?? text])),
  );
  if (model.value !== MINI_ID) return found;
  // Its own default head and circuit, which only the page knows.
  const [layer, head] = miniHead as [number, number];
  const usual: Texts = {
    ...(found.layer === "" && found.head === "" && { layer: String(layer), head: String(head) }),
    ...Object.fromEntries(HEADS.flatMap((name) => (found[name] === "" ? [[name, `${layer}.${head}`]] : []))),
    ...(found.circuit_keep === "" && { circuit_keep: miniCircuit }),
  };
  return { ...found, ...usual };
}

/** Whether what is said of GPT-2 small alone may be said. */
export const isGpt2Small = computed(() => model.value === HUB_ID);
