// "What does it attend to?": the chosen head's attention on the chosen prompt, in its corrupted run, in each condition of the
// experiment, or in any text; and what the model says after each token.

import { effect } from "@preact/signals";
import type { AttentionResult, Choice, TextResult } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import { drawnWith } from "../../store/link/drawn.ts";
import type { Panel } from "../../store/panel.ts";
import { attentionOn, READINGS } from "../../store/prompts.ts";
import { panel } from "../../store/run.ts";
import { chooseHead, head, info, task, texts } from "../../store/session.ts";
import { Task } from "../../store/tasks/task.ts";
import { keepAsked } from "../../store/tasks/unasked.ts";
import { Heads } from "../../ui/heads.tsx";
import { Predictions } from "../../ui/tokens/predictions.tsx";
import { ReportView } from "../report.tsx";
import { TaskChoice } from "../task-choice.tsx";
import "./attention.css";

/** Models of so many layers are asked while one types. */
const FEW_LAYERS = 4;

export const attention = new Task<TextResult | AttentionResult>({
  name: "attention",
  wants: () => attentionOn(texts.value.attention_of ?? "clean"),
});

/** Only prompts of IOI have names to be flipped, and conditions. */
function barred(_: string, { value }: Choice): string | null {
  const ofIoi = value === "flipped" || value === "conditions";
  return ofIoi && task.value !== "ioi" ? "of the task indirect object" : null;
}

function Controls() {
  const of = texts.value.attention_of ?? "clean";
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
      <Fields analysis="attention" groups={["head"]} />
      {info.value !== null && head.value !== null && (
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
    </div>
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
  keepAsked(attention, {
    when: () => {
      const isSmall = (info.value?.n_layer ?? Number.POSITIVE_INFINITY) <= FEW_LAYERS;
      const isRead = ["clean", "corrupted"].includes(texts.value.attention_of ?? "clean");
      return panel.value?.name === ATTENTION.name && isSmall && !isRead;
    },
  });
}

export const ATTENTION: Panel = {
  name: "attention",
  title: "What does it attend to?",
  analyses: ["attention"],
  task: attention,
  Controls,
  View,
  unasked,
};
