// What was guessed at each step, kept in this browser, and whether the step's answer may be seen: one guesses before one looks.

import { computed, effect, signal } from "@preact/signals";
import { question, texts } from "../store/session.ts";
import { LESSON } from "./names.ts";

const KEY = "patchbay guesses";

/** By step, "ioi.3": the choice or the number in words; "" where somebody looked without a guess. */
export const guesses = signal<Readonly<Record<string, string>>>(recall());

/** The step that the page is at; "" for none. */
export const step = computed(() => texts.value[LESSON] ?? "");

/** The question that came with the step. Who goes to another one by himself is not kept from it. */
const begun = signal({ step: "", question: "" });
effect(() => {
  if (step.value !== begun.peek().step) begun.value = { step: step.value, question: question.peek() };
});

/** The answer in view is that of a step at which nothing has been guessed yet. */
export const covered = computed(
  () =>
    step.value !== "" && guesses.value[step.value] === undefined && question.value === begun.value.question,
);

/** Null takes it back. */
export function guess(step: string, words: string | null): void {
  const { [step]: _, ...others } = guesses.value;
  guesses.value = words === null ? others : { ...others, [step]: words };
  try {
    localStorage.setItem(KEY, JSON.stringify(guesses.value));
  } catch {
    // A browser that keeps nothing asks again the next time.
  }
}

function recall(): Record<string, string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter(([, words]) => typeof words === "string"));
  } catch {
    return {};
  }
}
