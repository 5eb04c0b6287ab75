// "What does it attend to?": the chosen head's attention on the chosen prompt, in its corrupted run, without other heads, in each
// condition of the experiment, or in any text, with what the model says after each token; every head on the same; and what each
// head does on the task.

import { effect } from "@preact/signals";
import type { Choice } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import { drawnWith } from "../../store/link/drawn.ts";
import type { Panel } from "../../store/panel.ts";
import { READINGS } from "../../store/prompts.ts";
import { panel } from "../../store/run.ts";
import { chooseHead, head, info, model, task } from "../../store/session.ts";
import { keepAsked } from "../../store/tasks/unasked.ts";
import { Heads } from "../../ui/heads.tsx";
import { Predictions } from "../../ui/tokens/predictions.tsx";
import { Also } from "../also.tsx";
import { AsProgram } from "../program/index.tsx";
import { ReportView } from "../report.tsx";
import { hasFewLayers, isSmall } from "../small.ts";
import { TaskChoice } from "../task-choice.tsx";
import { attention, heads, isRead, patched, patterns, readsOf } from "./asked.ts";
import { ELSEWHERE, OneHead } from "./one-head.tsx";
import "./attention.css";

/** Only prompts of IOI have names to be flipped, and conditions. */
function barred(_: string, { value }: Choice): string | null {
  const ofIoi = value === "flipped" || value === "conditions";
  return ofIoi && task.value !== "ioi" ? "of the task indirect object" : null;
}

/** Every head's attention is there, to choose one of them. */
const isShown = (): boolean => patterns.answer.value?.asked.model === model.value;

function Controls() {
  const of = readsOf();
  const more: Record<string, readonly string[]> = {
    text: ["attention_text", "prepend_bos"],
    conditions: ["experiment", "freeze_ln", "name_mover"],
  };
  return (
    <>
      <Fields analysis="attention" only={["attention_of"]} barred={barred} />
      {more[of] === undefined ? (
        <TaskChoice analysis="attention" />
      ) : (
        <Fields analysis="attention" only={more[of]} />
      )}
      {of !== "conditions" && <Fields analysis="attention" only={["attention_zero"]} />}
      <Fields analysis="attention" groups={["head"]} />
      {info.value !== null && head.value !== null && !isShown() && (
        <Heads
          layers={info.value.n_layer}
          heads={info.value.n_head}
          chosen={head.value}
          choose={chooseHead}
        />
      )}
    </>
  );
}

/** Sentences speak of shares of attention; an experiment compares scores, one query's in every condition. */
const USUAL = {
  text: { column: "pattern" },
  conditions: { view: "strips" },
} as const;

function View() {
  const result = attention.answer.value?.reply.result;
  const said = result !== undefined && "predictions" in result ? result : null;
  const last = (said?.tokens.length ?? 0) - 1;
  // A query, or a query and a key.
  const [kept] = drawnWith("attention", "attention").kept?.split(" ") ?? [];
  const query = Math.min(Number(kept ?? last), last);
  return (
    <div class="attention">
      <ReportView
        task={attention}
        question="attention"
        before={<h2>What does the head attend to, token by token?</h2>}
        without={["predictions"]}
        usual={{ attention: USUAL[said === null ? "conditions" : "text"] }}
      >
        {said !== null && (
          <Predictions after={said.tokens[query] ?? null} predictions={said.predictions[query] ?? []} />
        )}
      </ReportView>
      {attention.answer.value !== null && <AsProgram answer={attention.answer.value} />}
      <EveryHead />
      {attention.answer.value !== null && (
        <div class="each-head">
          <Also
            task={heads}
            question="head"
            label="What each head does"
            title="What does each head do?"
            press="Ask all heads"
            main={attention}
            without={ELSEWHERE}
          />
          <OneHead />
        </div>
      )}
    </div>
  );
}

/** On what the chosen one reads; why not, where that is too long. */
function EveryHead() {
  const { report, unanswered } = patterns;
  if (report.value === null && (unanswered.value === null || attention.unanswered.value !== null))
    return null;
  return (
    <section class="also every-head" aria-label="Every head">
      <ReportView
        task={patterns}
        question="patterns"
        before={<h2>What does every head attend to there?</h2>}
      />
    </section>
  );
}

let begun = false;

function unasked(): void {
  if (begun) return;
  begun = true;
  // The sentence above has been read already.
  effect(() => {
    for (const { answer } of Object.values(READINGS))
      if (answer.value !== null && answer.value.key === attention.wanted.value) attention.show(answer.value);
  });
  const here = () => panel.value?.name === ATTENTION.name;
  const isOf = ({ answer, stale }: typeof attention | typeof patterns | typeof heads) =>
    answer.value !== null && !stale.value;
  keepAsked(attention, {
    // A text that every head has been asked of is a moment's work for another one.
    when: () => here() && !isRead() && (hasFewLayers() || (readsOf() !== "conditions" && isOf(patterns))),
  });
  keepAsked(patterns, { when: () => here() && (hasFewLayers() || isOf(attention)), quiet: true });
  keepAsked(heads, { when: () => here() && isSmall() && isOf(attention) });
  keepAsked(patched, { when: () => here() && isSmall() && isOf(heads), quiet: true });
}

export const ATTENTION: Panel = {
  name: "attention",
  title: "What does it attend to?",
  analyses: ["attention"],
  apart: () => (readsOf() === "text" ? "this question is asked of the text that is set below" : ""),
  task: attention,
  also: [patterns, heads],
  Controls,
  View,
  unasked,
};
