// "Place or name?": the notebook's experiment and its controls at one head, and the same at all heads.

import type { ExperimentResult } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import type { Panel } from "../../store/panel.ts";
import { ask } from "../../store/queue.ts";
import { textsOf, usualHead } from "../../store/session.ts";
import { Task } from "../../store/task.ts";
import { ReportView } from "../report.tsx";

/** So many layers, and prompts, are swept unasked: it takes about a second. */
const FEW_LAYERS = 4;
const FEW_PROMPTS = 300;

export const experiment = new Task<ExperimentResult>({
  name: "experiment",
  wants: () => ({ analysis: "experiment", texts: textsOf("experiment") }),
});

export const sweep = new Task({
  name: "sweep",
  wants: () => ({ analysis: "sweep", texts: textsOf("sweep") }),
});

function Controls() {
  const usual = usualHead.value;
  return (
    <Fields
      analysis="experiment"
      placeholders={usual === null ? {} : { layer: String(usual[0]), head: String(usual[1]) }}
    />
  );
}

function View() {
  return (
    <>
      <ReportView
        task={experiment}
        question="place-or-name"
        before={<h2>Does the head find IO by its place in the sentence, or by its name?</h2>}
      />
      {experiment.answer.value !== null && (
        <ReportView
          task={sweep}
          question="all-heads"
          before={
            <button type="button" onClick={() => void ask(sweep)}>
              Ask all heads
            </button>
          }
        />
      )}
    </>
  );
}

function unasked(): void {
  const answer = experiment.answer.value;
  if (answer === null || experiment.stale.value) return;
  const few = answer.reply.model.n_layer <= FEW_LAYERS && promptsOf(answer.reply.result) <= FEW_PROMPTS;
  if (few && !sweep.busy && (sweep.answer.value === null || sweep.stale.value))
    void ask(sweep, { own: true });
}

function promptsOf({ conditions }: ExperimentResult): number {
  return Object.values(conditions)[0]?.diff.length ?? 0;
}

export const PLACE: Panel = {
  name: "place",
  title: "Place or name?",
  task: experiment,
  Controls,
  View,
  unasked,
};
