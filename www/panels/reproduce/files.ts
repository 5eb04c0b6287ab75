// A run as files: all of it as JSON, and its numbers prompt by prompt. Prompts are numbered from 1, as on the page.

import type { Frame, PromptView } from "../../../pkg/cpu/patchbay.js";
import { APP_VERSION } from "../../store/version.ts";
import type { Run } from "./words.ts";

/** `prompts`: the run's, as its model reads them. */
export function wholeRun({ asked, reply, date }: Run, prompts: readonly PromptView[]): unknown {
  const { result, report, model, device, note, origin, timings_ms, left_out } = reply;
  const { answer, about, notes, tables, figures = [] } = report ?? {};
  return {
    patchbay: APP_VERSION,
    date,
    question: "Place or name?",
    about,
    answer,
    notes,
    spec: result.spec,
    head: result.head,
    model: { id: asked.model, ...model, ...origin },
    device: { ...device, note },
    timings_ms,
    tables,
    // Means with their intervals; what else is drawn is made of the prompts' own numbers, which follow.
    means: figures
      .filter(({ chart }) => chart === "dots")
      .map(({ name, title, frame }) => ({ name, title, frame })),
    evidence: result.evidence,
    accuracy: result.accuracy,
    left_out,
    prompts: prompts.map((prompt, i) => ({
      prompt: i + 1,
      ...prompt,
      scores: Object.fromEntries(
        Object.entries(result.conditions).map(([name, { diff, io_score, s1_score }]) => [
          name,
          { diff: diff[i], io_score: io_score[i], s1_score: s1_score[i] },
        ]),
      ),
    })),
  };
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
