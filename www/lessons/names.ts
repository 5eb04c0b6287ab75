// Which lessons there are, and how a link names a step of one: "ioi.3".

import { quoted } from "../text/format.ts";

/** Its field in a link, and among the session's texts, so that it lasts as long as the settings it came with. */
export const LESSON = "lesson";

/** With the number of their steps. */
export const LESSONS = { ioi: 7, induction: 4 } as const;
export type LessonName = keyof typeof LESSONS;

export interface StepName {
  lesson: LessonName;
  /** From 1. */
  step: number;
}

/** Null where there is none of the name. */
export function stepOf(text: string): StepName | null {
  const [, name = "", number = ""] = /^([a-z]+)\.([1-9])$/.exec(text) ?? [];
  if (!isLesson(name) || Number(number) > LESSONS[name] || number === "") return null;
  return { lesson: name, step: Number(number) };
}

const isLesson = (name: string): name is LessonName => Object.hasOwn(LESSONS, name);

/** What is wrong with a step's name, or null. */
export function stepProblem(text: string): string | null {
  const known = Object.entries(LESSONS).map(([name, steps]) => `${name}.1 to ${name}.${steps}`);
  return stepOf(text) === null ? `expected ${known.join(" or ")}, found ${quoted(text)}` : null;
}
