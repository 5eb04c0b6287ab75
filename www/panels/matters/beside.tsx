// The map beside a kept run's: z beside v, patched beside ablated, one task beside another.

import { useMemo, useState } from "preact/hooks";
import { runs } from "../../store/runs/runs.ts";
import type { Answer } from "../../store/tasks/task.ts";
import { type AnswerPair, Beside, besideOf } from "../beside.tsx";

export function BesideARun({ answer }: { answer: Answer }) {
  const [key, setKey] = useState("");
  const pairOf = (other: Answer, number: number): AnswerPair => [
    { name: `run ${number}`, answer: other },
    { name: "this answer", answer },
  ];
  const like = useMemo(
    () =>
      runs.value
        .filter((run) => run.answer.key !== answer.key)
        .map((run) => ({ run, pair: pairOf(run.answer, run.number) }))
        .flatMap(({ run, pair }) => {
          const figure = besideOf(pair);
          return figure === null ? [] : [{ run, pair, figure }];
        }),
    [runs.value, answer],
  );
  if (like.length === 0)
    return (
      <p class="hint">
        Run another site or edit over the same places, and the two maps can be put beside each other here.
      </p>
    );
  const chosen = like.find(({ run }) => run.key === key);
  return (
    <div class="beside">
      <label>
        Beside{" "}
        <select value={chosen?.run.key ?? ""} onChange={({ currentTarget }) => setKey(currentTarget.value)}>
          <option value="">no other run</option>
          {like.map(({ run }) => (
            <option key={run.key} value={run.key}>
              run {run.number}: {run.answer.reply.report?.about.split(" · ")[0]}
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && <Beside pair={chosen.pair} figure={chosen.figure} />}
    </div>
  );
}
