// Run, from the press to the answer: what the form says is checked, the question in view is asked, and how it went is said.

import { batch, computed, effect, signal } from "@preact/signals";
import { type Problem, problemOf } from "../door/errors.ts";
import { leftOutText } from "../text/left-out.ts";
import { tell } from "./automation.ts";
import { modelUsed } from "./models/stored.ts";
import type { Panel } from "./panel.ts";
import { keep } from "./runs/runs.ts";
import { task as chosenTask, model, problems, question, refusals, texts } from "./session.ts";
import { ask, busy } from "./tasks/queue.ts";
import type { Task } from "./tasks/task.ts";

/** What is said about the last run: an error, or news. */
export const message = signal<Message | null>(null);

interface Message {
  problem: Problem | null;
  news: string;
  /** It speaks of what the form said, and goes once that says something else. */
  passing?: boolean;
  /** What is tried again, where that is not a run. */
  retry?: () => void;
}

effect(() => {
  void [texts.value, model.value];
  if (message.peek()?.passing) message.value = null;
});

/** The questions, in the order of their tabs. */
export const panels = signal<readonly Panel[]>([]);

/** The one in view. */
export const panel = computed(
  (): Panel | null => panels.value.find(({ name }) => name === question.value) ?? panels.value[0] ?? null,
);

/** What Run asks there; nothing where that is not asked of the chosen task. */
export const asking = computed(() =>
  panel.value === null || barred(panel.value, chosenTask.value) ? null : panel.value.task,
);

export function barred({ onlyIoi = false }: Panel, task: string): boolean {
  return onlyIoi && task !== "ioi";
}

/** Asks the question in view. `own`: the page does so by itself. */
export async function runNow({ own = false } = {}): Promise<void> {
  const { name, unasked } = panel.value ?? {};
  const task = asking.value;
  if (task === null || (own && busy.value)) return;
  batch(() => {
    message.value = null;
    problems.value = [];
  });
  tell({ error: null, load: null });
  const went = await ask(task, { own });
  batch(() => say(task, went));
  if (!went || name === undefined) return;
  const answer = task.answer.value;
  if (answer !== null && !own) modelUsed(answer);
  unasked?.();
  await keep(name, task);
}

/** How it ended. What another run took the place of has nothing to say. */
function say(task: Task, went: boolean): void {
  const problem = task.problem.value;
  if (problem !== null) {
    const { field, problems: all } = problem;
    message.value = { problem, news: "", passing: field !== null || all.length > 0 };
    problems.value = all.length > 0 ? all : field === null ? [] : [{ field, message: problem.message }];
    if (problems.value.length > 0) refusals.value += 1;
    tell({ error: { name: problem.name, message: problem.message } });
    return;
  }
  if (!went) return;
  const { left_out, origin } = task.answer.value?.reply ?? {};
  const news = left_out?.length ? [leftOutText(left_out, chosenTask.value === "pairs" ? "row" : "line")] : [];
  // Once, after the run that fetched it.
  if (origin?.unstored && origin.from === "network") news.push(origin.unstored);
  if (news.length > 0)
    message.value = { problem: null, news: news.join(" "), passing: Boolean(left_out?.length) };
}

/** For what the page cannot be opened without, and for what nobody waits for. */
export function fail(error: unknown): void {
  const problem = problemOf(error);
  message.value = { problem, news: "" };
  tell({ error: { name: problem.name, message: problem.message } });
}
