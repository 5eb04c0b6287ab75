// What is wrong with the settings, as far as that is known without a model: said at the fields while they are typed in.

import { effect } from "@preact/signals";
import { modelIdProblem } from "../door/sources.ts";
import { RUN } from "./link/link.ts";
import { panel } from "./run.ts";
import { type FieldProblem, model, problems, texts, textsOf } from "./session.ts";
import { lab } from "./tasks/queue.ts";

/** Long enough not to speak up in the middle of a word. */
const PAUSE_MS = 300;

/** What was found here last. What others have found, who know the model, stays until the field is changed. */
let found: readonly FieldProblem[] = [];

/** Of the question in view and of a run, each field once; the fields are marked. */
export async function check(): Promise<readonly FieldProblem[]> {
  const now = texts.value;
  const analyses = [RUN, ...(panel.value?.analyses ?? [])];
  const reads = await Promise.all(analyses.map((analysis) => lab.read(analysis, textsOf(analysis))));
  const wrong = modelIdProblem(model.value);
  const all = [
    ...(wrong === null ? [] : [{ field: "model", message: wrong }]),
    ...reads.flatMap(({ problems }) => problems),
  ];
  const once = all.filter(({ field }, i) => all.findIndex((other) => other.field === field) === i);
  if (texts.value !== now) return once;
  const others = problems.value.filter(
    (other) => !found.includes(other) && !once.some(({ field }) => field === other.field),
  );
  found = once;
  problems.value = [...others, ...once];
  return once;
}

/** From now on. */
export function checkWhileTyping(): void {
  let [last, timer] = [texts.value, 0];
  effect(() => {
    clearTimeout(timer);
    if (texts.value === last) return;
    last = texts.value;
    // What cannot be asked now is asked when it is run.
    timer = Number(setTimeout(() => check().catch(() => undefined), PAUSE_MS));
  });
}
