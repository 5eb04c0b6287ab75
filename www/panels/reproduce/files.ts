// A run as files: all of it as JSON, and its numbers prompt by prompt. Prompts are numbered from 1, as on the page.

import type { Frame, PromptView } from "../../../pkg/cpu/patchbay.js";
import { breathe } from "../../door/pace.ts";
import { aside, lab } from "../../store/queue.ts";
import { provenance } from "../provenance.ts";
import type { Run } from "./words.ts";

/** So many prompts are written at a time: all at once would hold the page up. */
const AT_ONCE = 250;

/** All of a run. `prompts`: as its model reads them. */
export async function wholeRun(run: Run, prompts: readonly PromptView[]): Promise<Blob> {
  const parts = [JSON.stringify(besidePrompts(run), null, 2).replace(/\n\}$/, ',\n  "prompts": [')];
  for (let from = 0; from < prompts.length; from += AT_ONCE) {
    const some = prompts.slice(from, from + AT_ONCE);
    const lines = some.map((prompt, i) => `\n    ${JSON.stringify(promptOf(run, prompt, from + i))}`);
    parts.push(from > 0 ? "," : "", lines.join(","));
    await breathe();
  }
  return new Blob([...parts, "\n  ]\n}\n"], { type: "application/json" });
}

function besidePrompts(run: Run): object {
  const { result, report } = run.reply;
  const { answer, notes, tables, figures = [] } = report ?? {};
  return {
    ...provenance(run),
    question: "Place or name?",
    answer,
    notes,
    tables,
    // Means with their intervals; what else is drawn is made of the prompts' own numbers, which follow.
    means: figures
      .filter(({ chart }) => chart === "dots")
      .map(({ name, title, frame }) => ({ name, title, frame })),
    evidence: result.evidence,
    accuracy: result.accuracy,
  };
}

/** `place`: from 0. */
function promptOf({ reply }: Run, prompt: PromptView, place: number): object {
  const scores = Object.entries(reply.result.conditions).map(([name, { diff, io_score, s1_score }]) => [
    name,
    { diff: diff[place], io_score: io_score[place], s1_score: s1_score[place] },
  ]);
  return { prompt: place + 1, ...prompt, scores: Object.fromEntries(scores) };
}

/** A line for each condition and prompt. */
export function rowsOf({ reply }: Run): Frame {
  const conditions = Object.values(reply.result.conditions);
  const count = conditions[0]?.diff.length ?? 0;
  return {
    axes: [
      { name: "condition", labels: Object.keys(reply.result.conditions) },
      { name: "prompt", labels: Array.from({ length: count }, (_, i) => String(i + 1)) },
    ],
    columns: (["io_score", "s1_score", "diff"] as const).map((name) => ({
      name,
      unit: "attention score",
      values: conditions.flatMap((condition) => condition[name]),
    })),
  };
}

/** The prompts of a run as its model reads them, which is asked once. */
const known = new WeakMap<Run, Promise<readonly PromptView[]>>();

export function promptsOf(run: Run): Promise<readonly PromptView[]> {
  const before = known.get(run);
  if (before !== undefined) return before;
  const { source, device } = run.asked;
  const { dataset: spec, flip } = run.reply.result.spec;
  const prompts = aside((work) => lab.dataset({ source, device, head: null, spec, flip }, work));
  known.set(run, prompts);
  prompts.catch(() => known.delete(run));
  return prompts;
}
