// The prompts that the page is set to: what their texts say without a model, and the chosen one as the model reads it.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { Field, Preview, Read, TaskSpec, TextResult } from "../../pkg/cpu/patchbay.js";
import { MINI_ID } from "../door/sources.ts";
import { flippedOf, inWords, type Line } from "../text/tokens.ts";
import { panel } from "./run.ts";
import {
  choosePrompt,
  defaults,
  fieldsOfTask,
  info,
  model,
  prompt,
  schemas,
  type Texts,
  task,
  texts,
  textsOf,
} from "./session.ts";
import { lab } from "./tasks/queue.ts";
import { type Answer, Task } from "./tasks/task.ts";
import { keepAsked, PAUSE_MS } from "./tasks/unasked.ts";

export type Run = "clean" | "corrupted";

/**
 * What has to be asked for attention on this, without the heads of `zero`, and nothing that says nothing of it; null before
 * the fields are known.
 */
export function attentionOn(of: string, zero = ""): { analysis: string; texts: Texts } | null {
  if (schemas.value.length === 0) return null;
  const all = textsOf("attention");
  const isOf = ({ name, group }: Field) =>
    group === "head" ||
    (of === "text"
      ? name === "attention_text" || name === "prepend_bos"
      : !["attention_text", "attention_zero"].includes(name) &&
        (of === "conditions" || group === "task" || name === "prompt"));
  const texts = fieldsOfTask("attention", task.value).flatMap((field) =>
    isOf(field) ? [[field.name, all[field.name]]] : [],
  );
  const edited = zero.trim() === "" ? {} : { attention_zero: zero };
  return { analysis: "attention", texts: { ...Object.fromEntries(texts), ...edited, attention_of: of } };
}

const reads = (run: Run) =>
  new Task<TextResult>({
    name: run,
    wants: () => attentionOn(run === "corrupted" && isFlipped.value ? "flipped" : run),
  });

/** Whether the corrupted run is the flip's: where that is what is asked, or shown. */
export const isFlipped = computed(() => task.value === "ioi" && (panel.value?.flips ?? false));

/** The chosen prompt's two runs, as the model reads them. */
export const READINGS: Readonly<Record<Run, Task<TextResult>>> = {
  clean: reads("clean"),
  corrupted: reads("corrupted"),
};

/** Reading a sentence costs no download. */
export const atHand = computed(() => info.value !== null || model.value === MINI_ID);

/** Whether these texts make the prompts of now. */
function isOfNow(of: Texts): boolean {
  const now = texts.value;
  return fieldsOfTask("attention", task.value).every(
    ({ name, group, default: usual }) => group !== "task" || (of[name] ?? usual) === (now[name] ?? usual),
  );
}

const askedTexts = ({ asked: { question } }: Answer): Texts => ("texts" in question ? question.texts : {});

/** What the model at hand says of these prompts; null before it has read one of them. */
const seen = computed((): Answer<TextResult> | null => {
  const { value } = READINGS.clean.answer;
  return value !== null && value.asked.model === model.value && isOfNow(askedTexts(value)) ? value : null;
});

/** The chosen prompt's run, whichever head was looked at in it; null where it has not been read. */
export function readOf(run: Run): TextResult | null {
  const { value } = READINGS[run].answer;
  if (value === null || value.asked.model !== model.value) return null;
  const of = askedTexts(value);
  if (run === "corrupted" && (of.attention_of === "flipped") !== isFlipped.value) return null;
  return isOfNow(of) && of.prompt === String(prompt.value + 1) ? value.reply.result : null;
}

/** What the texts of now say without a model, and of which texts that is. */
const told = signal<{ of: Texts; read: Read } | null>(null);
/** Their prompts in words, as many as are run. */
export const examples = signal<Preview["sentences"]>([]);

/** The lines of own prompts that are not run, as far as this is known. */
export const leftOut = computed((): Read["left_out"] => {
  if (seen.value !== null) return seen.value.reply.left_out;
  return told.value !== null && isOfNow(told.value.of) ? told.value.read.left_out : [];
});

/** How many prompts are run, as far as this is known. */
export const runCount = computed((): number => {
  const spec = taskOf();
  if (spec?.task === "pairs") return spec.prompts.length;
  return spec?.task === "ioi" ? (spec.dataset.prompts?.length ?? spec.dataset.n) : (spec?.n ?? 0);
});

/** The chosen prompt in words. */
export function wordsOf(run: Run): Line | null {
  const example = examples.value[prompt.value];
  if (example === undefined || (run === "corrupted" && !isFlipped.value)) return null;
  const bos = texts.value.prepend_bos === "true";
  return inWords(run === "clean" ? example : flippedOf(example), bos);
}

let watching = false;
/** The texts that are being read, or were last. */
let asking: Texts | null = null;

/** Begins once the page is set to what it opens with. */
export function watchPrompts(): void {
  if (watching) return;
  watching = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = texts.value;
    if (schemas.value.length === 0 || (asking !== null && isOfNow(asking))) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(now), asking === null ? 0 : PAUSE_MS);
    asking = now;
  });
  effect(() => {
    const spec = datasetOf();
    if (spec !== null) return void untracked(() => preview(spec));
    // There are none, as far as the texts of now have been read; and words are of IOI alone.
    if (task.value === "ioi" && (told.value === null || !isOfNow(told.value.of))) return;
    previewed = "";
    examples.value = [];
    // The chosen prompt is the one in the same place, where there still is one.
    if (runCount.value > 0 && prompt.value >= runCount.value) untracked(() => choosePrompt(0));
  });
  for (const task of Object.values(READINGS)) keepAsked(task, { when: () => atHand.value, quiet: true });
}

async function look(of: Texts): Promise<void> {
  // Whoever fails here fails at Run too, and is told of it there.
  const asked = { ...textsOf("attention", of), attention_of: "clean", prompt: "1" };
  const read = await lab.read("attention", asked).catch(() => null);
  if (read === null || asking !== of) return;
  told.value = { of, read };
}

interface Dataset {
  dataset: Parameters<typeof lab.preview>[0];
  flip: string;
}

/** The task with the prompts that the model at hand can run, or else with those that some may. */
export function taskOf(): TaskSpec | null {
  const source = seen.value?.reply.result.spec.source ?? told.value?.read.spec?.spec.source;
  return source !== undefined && "task" in source && source.task.task === task.value ? source.task : null;
}

function datasetOf(): Dataset | null {
  const spec = taskOf();
  if (spec?.task !== "ioi") return null;
  const of = seen.value === null ? told.value?.of : askedTexts(seen.value);
  return { dataset: spec.dataset, flip: of?.flip ?? defaults.value.flip ?? "" };
}

/** More than there ever are. */
const ALL = 10_000;
let previewed = "";

async function preview({ dataset, flip }: Dataset): Promise<void> {
  const key = JSON.stringify([dataset, flip]);
  if (key === previewed) return;
  previewed = key;
  const found = await lab.preview(dataset, flip, ALL).catch(() => null);
  if (found === null || previewed !== key) return;
  batch(() => {
    examples.value = found.sentences;
    // The chosen prompt is the one in the same place, where there still is one.
    if (prompt.value >= found.sentences.length) choosePrompt(0);
  });
}
