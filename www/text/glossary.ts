// What the page's own words mean, in a sentence or two. ui/term.tsx shows them beside the words.

export interface Term {
  /** How it is written in running text, where `termsIn` is to find it. Words that mean other things too have none. */
  written: readonly string[];
  text: string;
}

export const TERMS = {
  io: {
    written: ["IO"],
    text: "The indirect object: the name that stands once before the answer, and is the right answer. In “Then, Alex and Anthony went to the school. Anthony gave a ring to”, it is Alex.",
  },
  s1: {
    written: ["S1"],
    text: "The first mention of the subject, the name that stands twice. In “Then, Alex and Anthony went to the school. Anthony gave a ring to”, it is the first Anthony.",
  },
  s2: { written: ["S2"], text: "The second mention of the subject, the name that stands twice." },
  end: {
    written: ["END"],
    text: "The last token before the answer. The model predicts the answer there, so it is the query whose attention is measured.",
  },
  score: {
    written: ["attention score", "attn score"],
    text: "q·k/√d_head before the softmax: how well the query at one token matches the key at another. END→IO is the score of END's query with IO's key.",
  },
  q_input: {
    written: ["q_input"],
    text: "What a head's queries are computed from: the residual stream as it comes into the layer, before LayerNorm. An edit of it leaves keys and values as they were.",
  },
  k_input: {
    written: ["k_input"],
    text: "What a head's keys are computed from: the residual stream as it comes into the layer, before LayerNorm. An edit of it leaves queries and values as they were.",
  },
  moved_input: {
    written: ["‖Δq_input‖", "‖Δk_input‖"],
    text: "How far the edit moved the head's input: the length of the difference from the clean run's. 0 would be an edit that did nothing.",
  },
  moved: {
    written: ["‖Δq‖", "‖Δk‖"],
    text: "How far the edit moved the query, or the key, that the head computes from its input: the length of the difference from the clean run's.",
  },
  frozen_ln: {
    written: ["ln1.scale", "ln1's scale", "LayerNorm scale", "frozen LN"],
    text: "LayerNorm divides each vector by its own size; ln1.scale is that size. Frozen: an edited input is divided by the clean run's. Live: by its own, which the edit may have changed.",
  },
  residual: {
    written: ["residual stream"],
    text: "The vector at each token that every layer reads, and adds its output to.",
  },
  unembedding: {
    written: ["W_U"],
    text: "The unembedding. W_U of a token is the direction in the residual stream that raises the logit of this token.",
  },
  head: {
    written: [],
    text: "Each layer has several attention heads, which decide what a token reads of the tokens before it. Layers and heads are counted from 0: 10.7 is layer 10, head 7.",
  },
  order: {
    written: ["ABBA", "BABA"],
    text: "In which order the names come, the answer last: A is IO, B is the subject. ABBA prompts name IO first, BABA prompts the subject.",
  },
  symmetric: {
    written: [],
    text: "Each prompt is followed by the same sentence with its two names exchanged, so each name is as often IO as it is the subject.",
  },
  bos: {
    written: ["BOS"],
    text: "The token <|endoftext|> before the prompt. GPT-2 has learnt it as the border between texts; heads with nothing to find often attend to it.",
  },
  flip: {
    written: [],
    text: "The second run, from which “patched” takes the head's input, is on the same prompts with their names reordered so. ABB -> BAB: the first two names change places, the third stays.",
  },
  accuracy: {
    written: [],
    text: "The share of prompts in which the model's logit of IO at END is above that of the subject: whether it solves the task at all. Takes a run through all layers.",
  },
  change: {
    written: [],
    text: "How far the mean is from the clean run's, in percent of the size of that.",
  },
  interval: {
    written: ["95% CI"],
    text: "95% confidence interval: how far the figure may be off because other prompts were not drawn. The middle 95% of what 10,000 resamples of these prompts give.",
  },
  pattern: {
    written: [],
    text: "The scores after the softmax: how a query shares out its attention. From 0 to 1, together 1.",
  },
  noop: {
    written: ["no-op"],
    text: "The same machinery with nothing to change: the input is replaced by the clean run's own. Anything but 0 would be a mistake of the page's.",
  },
} as const satisfies Record<string, Term>;

export type TermId = keyof typeof TERMS;

export function isTermId(name: string): name is TermId {
  return Object.hasOwn(TERMS, name);
}

const WRITTEN = new Map<string, TermId>(
  (Object.keys(TERMS) as TermId[]).flatMap((id) => TERMS[id].written.map((text) => [text, id] as const)),
);

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Longer ones first, and whole words only: S1 is not in "S12", nor END in "ENDING". */
const ANY = new RegExp(
  `(?<![A-Za-z0-9_])(?:${[...WRITTEN.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join("|")})(?![A-Za-z0-9_])`,
  "g",
);

export type Part = string | { id: TermId; text: string };

/** A text in parts: its terms, each where it comes first, and what is between them. `seen`: in texts before this one. */
export function termsIn(text: string, seen = new Set<TermId>()): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ANY)) {
    const id = WRITTEN.get(found);
    if (id === undefined || seen.has(id)) continue;
    seen.add(id);
    if (index > from) parts.push(text.slice(from, index));
    parts.push({ id, text: found });
    from = index + found.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
