// "Why does it attend?": the head's score taken apart by what was written below it; what it would be if the head read something
// simple; and the embeddings that it may be reading.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Choice, DecompositionResult } from "../../../pkg/cpu/patchbay.js";
import { HUB_ID } from "../../door/sources.ts";
import { Fields } from "../../schema/form.tsx";
import type { Panel } from "../../store/panel.ts";
import { panel } from "../../store/run.ts";
import { info, texts } from "../../store/session.ts";
import { ask } from "../../store/tasks/queue.ts";
import { keepAsked } from "../../store/tasks/unasked.ts";
import { asked } from "../asked.ts";
import { Facts, FOLDED } from "../facts.tsx";
import { ReportView } from "../report.tsx";
import { isSmall } from "../small.ts";
import { BesideReport } from "../standing.tsx";
import "./why.css";

export const decompose = asked<DecompositionResult>("decompose");
const MORE = {
  replacements: asked("replacements"),
  linear: asked("linear"),
  nearest: asked("nearest"),
  resemblance: asked("resemblance"),
};

/** Of GPT-2 small's 10.7: that name movers match what MLP_0 makes of the name. */
const EXPECTED = "9.6 MLP_0, 9.9 MLP_0, 8.10 MLP_0, 7.9 MLP_0";

/** Only there are those pairs expected. */
function marks(): string {
  const { asked, reply } = decompose.answer.value ?? {};
  return asked?.model === HUB_ID && reply?.result.head.join(".") === "10.7" ? EXPECTED : "";
}

/** Choices that do not go together say so before they are made; the crate refuses them. */
function barred(field: string, { value }: Choice): string | null {
  const by = texts.value.decompose_by ?? "keys";
  if (value === "unchanged" || !["decompose_query", "decompose_key"].includes(field)) return null;
  if (by === "both") return "not where both sides are taken apart";
  const own = field === "decompose_query" ? "queries" : "keys";
  return by === own && !value.startsWith("project") ? `not where the ${own} are taken apart` : null;
}

function Controls() {
  const { decompose_by: by, decompose_query: query = "" } = texts.value;
  const projected = by === "both" || query.startsWith("project");
  return (
    <>
      <Fields
        analysis="decompose"
        groups={["question", "head"]}
        without={projected ? [] : ["decompose_span"]}
        barred={barred}
      />
      <p class="hint">The prompts are those of the question “Place or name?”.</p>
    </>
  );
}

function View() {
  return (
    <>
      <ReportView
        task={decompose}
        question="why"
        usual={{ pairs: { marks: marks() } }}
        before={<h2>What of all that the head reads makes its score?</h2>}
      />
      <More name="replacements" title="If the head read something simple">
        One vector is put in place of what the queries, or the keys, are computed from.{" "}
        {(info.value?.n_layer ?? 0) > 9 &&
          "The name mover is the head named, else 9.9 where that is below the head."}
      </More>
      <More name="linear" title="The score as a linear function">
        With one side held fixed, the score is a linear function of what the other side reads.
      </More>
      <More name="nearest" title="Nearest tokens">
        A token's neighbours in W_E, in what layer 0 makes of it by itself (W_EE, and of that only the MLP's
        part) and in W_U.
      </More>
      <More name="resemblance" title="Is it the name's embedding that the key reads?">
        How much the effective embeddings of IO are what the head's key reads there.
      </More>
    </>
  );
}

interface MoreProps {
  name: keyof typeof MORE;
  title: string;
  children: ComponentChildren;
}

/** A further question, with settings and a button of its own. */
function More({ name, title, children }: MoreProps) {
  const open = useSignal(false);
  const task = MORE[name];
  const button = (
    <button type="button" onClick={() => void ask(task)}>
      {task.answer.value === null ? "Ask" : "Ask again"}
    </button>
  );
  return (
    <details class="more" onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>{title}</summary>
      {open.value && (
        <>
          <p class="hint">{children}</p>
          <div class="more-fields">
            <Fields analysis={name} groups={["question"]} />
            {button}
          </div>
          <ReportView
            task={task}
            question={name}
            without={FOLDED}
            usual={{ spread: { layout: "overlaid" } }}
            before={null}
          />
          {task.answer.value !== null && (
            <BesideReport of={task}>
              <Facts answer={task.answer.value} />
            </BesideReport>
          )}
        </>
      )}
    </details>
  );
}

let begun = false;

function unasked(): void {
  if (begun) return;
  begun = true;
  keepAsked(decompose, { when: () => panel.value?.name === WHY.name && isSmall() });
}

export const WHY: Panel = {
  name: "why",
  title: "Why does it attend?",
  onlyIoi: true,
  flips: true,
  analyses: ["decompose", "replacements", "linear", "nearest"],
  task: decompose,
  also: Object.values(MORE),
  Controls,
  View,
  unasked,
};
