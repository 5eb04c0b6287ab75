// One thing at a time, as the worker does. What somebody asked for goes before what the page does unasked, which makes way.

import { computed, signal } from "@preact/signals";
import { Lab } from "../../door/lab.ts";
import { cancelled, type Work } from "../../door/work.ts";
import type { Task } from "./task.ts";

export const lab = new Lab();

/** Under way or waiting, in the order in which they were asked for. */
const asked = signal<readonly Entry[]>([]);

interface Entry {
  task: Task;
  own: boolean;
  quiet: boolean;
}

/** What the run bar shows: what somebody asked for, or else what the page does that takes its time. */
export const current = computed((): Task | null => {
  const entries = asked.value.filter(({ quiet }) => !quiet);
  return (
    (entries.find(({ own }) => !own) ?? entries.find(({ task }) => task.state.value !== "waiting"))?.task ??
    null
  );
});

/** Somebody asked for something that is not over. */
export const busy = computed(() => asked.value.some(({ own }) => !own));

let last: Promise<unknown> = Promise.resolve();

/** After all that was asked for before, whatever became of it. */
export function inTurn<R>(work: () => Promise<R>): Promise<R> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** What is no task: a cost, the prompts of a run. It is not shown while it is under way, and nobody cancels it. */
export function aside<R>(work: (quietly: Work) => Promise<R>): Promise<R> {
  const nothing = () => undefined;
  return inTurn(() => work({ signal: new AbortController().signal, report: nothing, silent: nothing }));
}

/** Asks. `own`: by the page itself; `quiet`: so shortly that it is not worth a bar. True where it came to an answer. */
export async function ask(task: Task, { own = false, quiet = false } = {}): Promise<boolean> {
  if (own && busy.value) return false;
  if (!own)
    for (const entry of asked.value) if (entry.own) entry.task.cancel(cancelled("Run was pressed first."));
  const entry = { task, own, quiet };
  asked.value = [...asked.value, entry];
  try {
    return await task.run(lab, inTurn, { unasked: own });
  } finally {
    asked.value = asked.value.filter((other) => other !== entry);
  }
}
