// What "What does it attend to?" asks: of the chosen head, of every head on the same text, and what each head does on the task.

import type {
  AttentionResult,
  CellResult,
  HeadsResult,
  PatternsResult,
  TextResult,
} from "../../../pkg/cpu/patchbay.js";
import { attentionOn } from "../../store/prompts.ts";
import { head, model, texts } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";
import { asked } from "../asked.ts";

/** What the head reads. */
export const readsOf = (): string => texts.value.attention_of ?? "clean";

/** The heads that are set to zero; a condition has its own edits. */
const zeroOf = (): string => (readsOf() === "conditions" ? "" : (texts.value.attention_zero ?? ""));

/** Whether it is one of the two runs that are read for the sentence above. */
export const isRead = (): boolean => ["clean", "corrupted"].includes(readsOf()) && zeroOf().trim() === "";

export const attention = new Task<TextResult | AttentionResult>({
  name: "attention",
  wants: () => attentionOn(readsOf(), zeroOf()),
});

/** Whichever head is chosen: so it is not asked again for another one. Of the conditions it is the prompt as it is. */
export const patterns = new Task<PatternsResult>({
  name: "patterns",
  wants: () => {
    const asked = attentionOn(readsOf() === "conditions" ? "clean" : readsOf(), zeroOf());
    if (asked === null) return null;
    const { layer: _, head: __, ...texts } = asked.texts;
    return { analysis: "patterns", texts };
  },
});

export const heads = asked<HeadsResult>("heads");

/** What the chosen head's z brings back, as one cell of a grid; on the prompts that all heads have been asked on. */
export const patched = new Task<CellResult>({
  name: "patched",
  wants: () => {
    const answer = heads.answer.value;
    if (answer === null || head.value === null || answer.asked.model !== model.value) return null;
    const grid = { task: answer.reply.result.spec.task, site: "z", over: ["layer", "head"] };
    // Which prompt's predictions are told does not matter here.
    return { spec: { analysis: "cell", spec: { grid, places: head.value, example: 0 } } };
  },
});
