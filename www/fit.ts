// Which of one's own prompts a model can run: only its tokenizer and its context know.

import { NamedError } from "./errors.ts";
import { type Settings, specOf } from "./fields.ts";
import { count } from "./format.ts";
import type { Lab } from "./lab.ts";
import { type LineProblem, parsePrompts, promptsText } from "./prompts.ts";
import type { ModelRequest } from "./protocol.ts";
import type { Task } from "./task.ts";

export interface Fit {
  /** Those asked for, with only the prompts that fit. */
  settings: Settings;
  /** Why the others stay out, line by line. */
  left: LineProblem[];
}

/** Throws BadInput where none fits. */
export async function fitPrompts(
  lab: Pick<Lab, "dataset">,
  asked: Settings,
  model: Pick<ModelRequest, "source" | "head">,
  task: Task,
): Promise<Fit> {
  if (asked.prompts === "") return { settings: asked, left: [] };
  const { prompts, lines, problems } = parsePrompts(asked.prompts);
  const { device, flip } = asked;
  const request = { ...model, device, spec: specOf(asked).dataset, flip };
  const views = await lab.dataset(request, task);
  const left = [...problems];
  const fits = prompts.filter((_, place) => {
    const problem = views[place]?.problem ?? null;
    if (problem !== null) left.push({ line: lines[place] ?? 0, message: problem.message });
    return problem === null;
  });
  left.sort((one, other) => one.line - other.line);
  if (fits.length === 0) {
    throw new NamedError("BadInput", `none of them fits this model. ${lineText(left[0])}`, {
      field: "prompts",
    });
  }
  return { settings: { ...asked, prompts: promptsText(fits) }, left };
}

const TOLD = 3;

/** For the message of a run. */
export function leftOut(left: readonly LineProblem[]): string {
  const more =
    left.length > TOLD ? [`${count(left.length - TOLD)} more; Check under Own prompts has all.`] : [];
  const lines = left.slice(0, TOLD).map(lineText);
  const whose =
    left.length === 1 ? "1 line of your prompts was" : `${count(left.length)} lines of your prompts were`;
  return [`${whose} left out.`, ...lines, ...more].join(" ");
}

export function lineText(problem: LineProblem | undefined): string {
  return problem === undefined ? "" : `Line ${problem.line}: ${problem.message}.`;
}
