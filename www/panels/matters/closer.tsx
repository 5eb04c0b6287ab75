// A closer look at the open cell: every metric, and what the model says in the chosen prompt without the edit and with it.

import type { CellResult } from "../../../pkg/cpu/patchbay.js";
import { measure } from "../../charts/frame/frame.ts";
import { model, prompt } from "../../store/session.ts";
import { ask } from "../../store/tasks/queue.ts";
import { Task } from "../../store/tasks/task.ts";
import { Predictions } from "../../ui/tokens/predictions.tsx";
import { Price } from "../price.tsx";
import { ReportView } from "../report.tsx";
import { patch } from "./asked.ts";
import { mapOf, openCell } from "./cell.tsx";
import { indices, placesAt } from "./cells.ts";

/** Asked of the answer in view, whatever the settings have become since; of several maps in the one where it does most. */
export const closer = new Task<CellResult>({
  name: "cell",
  wants: () => {
    const answer = patch.answer.value;
    const report = answer?.reply.report;
    if (!answer || !report || answer.asked.model !== model.value) return null;
    const [frame, cell] = [mapOf(report), openCell(report)];
    if (frame === null || cell === null) return null;
    const size = (index: number) => Math.abs(measure(frame).values[index] ?? 0);
    const [most] = indices(frame, cell)
      .map(({ index }) => index)
      .sort((a, b) => size(b) - size(a));
    const { result } = answer.reply;
    const places = placesAt(frame.axes, most ?? 0);
    const spec = {
      grid: { ...result.spec, per_prompt: false },
      places: frame.axes.map(({ name }) => places[name] ?? 0),
      example: prompt.value < result.prompts ? prompt.value : 0,
    };
    return { spec: { analysis: "cell", spec } };
  },
});

export function Closer() {
  const due = closer.answer.value === null || closer.stale.value;
  const { result } = closer.answer.value?.reply ?? {};
  const wanted = closer.question !== null;
  return (
    <div class="closer">
      {wanted && due && !closer.under.value && (
        <div class="actions">
          <button type="button" onClick={() => void ask(closer)}>
            Every metric, and what the model says
          </button>
          <Price task={closer} />
        </div>
      )}
      {wanted && (
        <ReportView task={closer} question="cell" before={null}>
          {result !== undefined && (
            <div class="before-after">
              <Predictions after={null} unknown="unedited" predictions={result.before} />
              <Predictions after={null} unknown="with the edit" predictions={result.after} />
            </div>
          )}
        </ReportView>
      )}
    </div>
  );
}
