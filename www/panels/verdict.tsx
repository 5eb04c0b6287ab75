// Whether a run came out as the opened link says. Other settings than the link's were not promised anything.

import type { ExperimentResult } from "../../pkg/cpu/patchbay.js";
import { type Comparison, compareHeadline } from "../store/headline.ts";
import { promised } from "../store/link.ts";
import { fieldsOf } from "../store/session.ts";
import type { Answer } from "../store/task.ts";
import { experiment } from "./place/tasks.ts";

/** What has no part in the means: a link may be tried on another device. */
const BESIDE = ["accuracy"];

export function compared({ asked, reply }: Answer<ExperimentResult>): Comparison | null {
  const link = promised.value;
  if (link === null || link.model !== asked.model || !("texts" in asked.question)) return null;
  const { texts } = asked.question;
  const same = fieldsOf("experiment").every(
    ({ name }) => BESIDE.includes(name) || link.texts[name] === texts[name],
  );
  return same ? compareHeadline(link.headline, reply) : null;
}

/** Where who opened the link and pressed Run is looking. */
export function Verdict() {
  const run = experiment.answer.value;
  const comparison = run === null ? null : compared(run);
  return (
    <p
      role="status"
      class={comparison === null || comparison.agrees ? "verdict note" : "verdict message bad"}
    >
      {comparison !== null && (
        <>
          {comparison.verdict} <a href="#question=reproduce">Reproduce has both.</a>
        </>
      )}
    </p>
  );
}
