// What the page keeps asked by itself: in step with what it is set to, a moment after the last change, and never before what
// somebody asked for.

import { effect } from "@preact/signals";
import { problems } from "../session.ts";
import { ask, busy } from "./queue.ts";
import type { Task } from "./task.ts";

/** Nobody who types is asked about each letter. */
export const PAUSE_MS = 200;

interface KeepAsked {
  /** Whether it may be asked now; read inside an effect. */
  when: () => boolean;
  /** It takes no time worth showing in the run bar. */
  quiet?: boolean;
}

/** The same of a question, and of those beside it once it has been answered as the page is set. */
export function keepAskedWith(main: Task, others: readonly Task[], { when }: Pick<KeepAsked, "when">): void {
  keepAsked(main, { when });
  const isAnswered = () => main.answer.value !== null && !main.stale.value;
  for (const task of others) keepAsked(task, { when: () => when() && isAnswered() });
}

/** Answers with what ends it. What could not be answered is not asked again until it is another question. */
export function keepAsked(task: Task, { when, quiet = false }: KeepAsked): () => void {
  let failed: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = async (wanted: string) => {
    await ask(task, { own: true, quiet });
    const { state, problem } = task;
    if (state.peek() !== "error" || task.wanted.peek() !== wanted) return;
    failed = wanted;
    const found = problem.peek()?.problems ?? [];
    const isFound = (field: string) => found.some((problem) => problem.field === field);
    problems.value = [...problems.peek().filter(({ field }) => !isFound(field)), ...found];
  };
  const end = effect(() => {
    const wanted = task.wanted.value;
    const known = task.answer.value?.key;
    clearTimeout(timer);
    if (wanted === null || wanted === known || wanted === failed || busy.value || !when()) return;
    timer = setTimeout(() => void now(wanted), PAUSE_MS);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}
