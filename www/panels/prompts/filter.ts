// Which prompts to look at.

import type { Preview, TemplateId } from "../../../pkg/cpu/patchbay.js";

export type Example = Preview["sentences"][number];

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

/** What it was made of: "ABBA 3", or "ABBA" for a prompt of one's own, which has no template. */
export function madeOf({ order, template }: Example): string {
  return template === null ? order : templateKey(template);
}

/** The places of those that pass. */
export function filtered(examples: readonly Example[], { order, template, text }: Filter): number[] {
  const wanted = text.trim().toLowerCase();
  return examples.flatMap((example, place) => {
    const passes =
      (order === "" || example.order === order) &&
      (template === "" || (example.template !== null && madeOf(example) === template)) &&
      example.sentence.toLowerCase().includes(wanted);
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
export function templatesOf(examples: readonly Example[]): TemplateChoice[] {
  const found = new Map<string, TemplateChoice & { id: TemplateId }>();
  for (const { template, sentence, io, s } of examples) {
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
