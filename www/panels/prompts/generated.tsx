// The examples of a task that are drawn: each clean and corrupted, with its answers. One is chosen.

import { useSignal } from "@preact/signals";
import type { ExamplesResult } from "../../../pkg/cpu/patchbay.js";
import { shortName } from "../../door/sources.ts";
import { atHand, runCount } from "../../store/prompts.ts";
import { choosePrompt, model, prompt } from "../../store/session.ts";
import { count } from "../../text/format.ts";
import { rolesByPosition } from "../../text/tokens.ts";
import { BesideReport, Unanswered } from "../standing.tsx";
import { Aligned } from "./aligned.tsx";
import { Pager } from "./pager.tsx";
import { shown } from "./shown.ts";

const A_PAGE = 20;

export function Generated({ title }: { title: string }) {
  const result = shown.answer.value?.reply.result ?? null;
  const problem = shown.unanswered.value;
  return (
    <>
      <h2>
        {count(runCount.value)} prompts of the task {title}
      </h2>
      <Unanswered task={shown} />
      {problem === null && result === null && (
        <p class="hint">
          {atHand.value
            ? "They are being read."
            : `They are made of ${shortName(model.value)}'s tokens, and shown here once it has been run.`}
        </p>
      )}
      {problem === null && result !== null && (
        <BesideReport of={shown}>
          <Examples result={result} />
        </BesideReport>
      )}
    </>
  );
}

function Examples({ result }: { result: ExamplesResult }) {
  const { examples, roles, count: all } = result;
  const page = useSignal(Math.floor(prompt.value / A_PAGE));
  const from = Math.min(page.value, Math.ceil(examples.length / A_PAGE) - 1) * A_PAGE;
  return (
    <>
      {all > examples.length && (
        <p class="hint">
          The first {count(examples.length)} are shown; all {count(all)} are run.
        </p>
      )}
      <ol class="examples" start={from + 1}>
        {examples
          .slice(from, from + A_PAGE)
          .map(({ number, clean, corrupted, positions, answers, wrong_answers }, i) => {
            const named = roles.map((role, at) => [role, positions[at] ?? -1] as const);
            return (
              <li key={number} class={from + i === prompt.value ? "chosen" : ""}>
                <div class="example-head">
                  <button
                    type="button"
                    aria-pressed={from + i === prompt.value}
                    onClick={() => choosePrompt(from + i)}
                  >
                    Prompt {number}
                  </button>
                  <span class="hint">
                    answers {answers}; wrong {wrong_answers}
                  </span>
                </div>
                <Aligned
                  label={`Prompt ${number}, clean over corrupted`}
                  clean={clean}
                  corrupted={corrupted}
                  roles={rolesByPosition(Object.fromEntries(named))}
                />
              </li>
            );
          })}
      </ol>
      <Pager what="prompts" page={page} of={examples.length} size={A_PAGE} />
    </>
  );
}
