// What a question of the page is: a folder in panels/ has one, and panels/index.ts lists them.

import type { ComponentType } from "preact";
import type { Task } from "./tasks/task.ts";

export interface Panel {
  /** In links: "place". */
  name: string;
  /** "Place or name?" */
  title: string;
  /** Whose fields a link to it carries, beside those of a run; in the crate's names. */
  analyses?: readonly string[];
  /** What Run asks here; null where there is nothing to be run. */
  task: Task | null;
  /** Where that is one of several tasks: all of them, and the field that says which by its name. */
  by?: { field: string; tasks: readonly Task[] };
  /** What else it shows answers of. */
  also?: readonly Task[];
  /** It is asked of the task IOI alone. */
  onlyIoi?: boolean;
  /** The second run of its prompts is the flip's, and not that of the task's corruption. */
  flips?: boolean;
  /** What it is asked of where that is not the prompt at work, in words; "" where it is. */
  apart?: () => string;
  /** Beside the answer: what can be set. */
  Controls: ComponentType | null;
  View: ComponentType;
  /** What the page asks by itself after an answer, or when the panel comes into view. */
  unasked?: () => void;
}

/** All whose answers it shows. */
export function tasksOf({ task, by, also = [] }: Panel): readonly Task[] {
  return [...(by?.tasks ?? (task === null ? [] : [task])), ...also];
}
