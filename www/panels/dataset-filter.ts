// Which prompts of a dataset to look at.

import type { PromptView, TemplateId } from "../../pkg/cpu/patchbay.js";

export interface Filter {
  /** "" for both. */
  order: string;
  /** As templateKey says; "" for all. */
  template: string;
  /** Anywhere in the sentence, in any case. */
  text: string;
}

/** As the page names a template: its order, and its place among that order's, from 1. */
export function templateKey({ order, index }: TemplateId): string {
  return `${order} ${index + 1}`;
}

/** The places of those that pass. */
export function filtered(prompts: readonly PromptView[], { order, template, text }: Filter): number[] {
  const wanted = text.trim().toLowerCase();
  return prompts.flatMap((prompt, place) => {
    const passes =
      (order === "" || prompt.order === order) &&
      (template === "" || (prompt.template !== null && templateKey(prompt.template) === template)) &&
      prompt.sentence.toLowerCase().includes(wanted);
    return passes ? [place] : [];
  });
}

export interface TemplateChoice {
  key: string;
  /** The first prompt made of it, its names taken out: places and objects differ from prompt to prompt. */
  example: string;
  count: number;
}

/** The templates that occur, in the lexicon's order. */
export function templatesOf(prompts: readonly PromptView[]): TemplateChoice[] {
  const found = new Map<string, TemplateChoice & { id: TemplateId }>();
  for (const { template, sentence, io, s } of prompts) {
    if (template === null) continue;
    const key = templateKey(template);
    const known = found.get(key);
    if (known) known.count += 1;
    else found.set(key, { key, id: template, count: 1, example: withoutNames(sentence, io, s) });
  }
  const inOrder = [...found.values()].sort(
    ({ id: one }, { id: other }) => one.order.localeCompare(other.order) || one.index - other.index,
  );
  return inOrder.map(({ key, example, count }) => ({ key, example, count }));
}

function withoutNames(sentence: string, io: string, s: string): string {
  const words = sentence.split(" ").map((word) => (word === io ? "[A]" : word === s ? "[B]" : word));
  return words.join(" ");
}
