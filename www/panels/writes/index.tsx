// "Who writes the answer?": what every component adds to the logit difference, how it grows along the layers, and what it
// loses without each head.

import type { AttributeResult } from "../../../pkg/cpu/patchbay.js";
import { Fields } from "../../schema/form.tsx";
import type { Panel } from "../../store/panel.ts";
import { panel } from "../../store/run.ts";
import { texts } from "../../store/session.ts";
import { keepAskedWith } from "../../store/tasks/unasked.ts";
import { Also } from "../also.tsx";
import { asked } from "../asked.ts";
import { Facts } from "../facts.tsx";
import { ReportView } from "../report.tsx";
import { isSmall } from "../small.ts";
import { BesideReport } from "../standing.tsx";
import { TaskChoice } from "../task-choice.tsx";

export const attribute = asked<AttributeResult>("attribute");
const lens = asked("lens");
const says = asked("says");
const effects = asked("effects");

function Controls() {
  return (
    <>
      <Fields analysis="attribute" groups={["question"]} />
      <TaskChoice analysis="attribute" />
    </>
  );
}

/** Each head is taken away from the whole model. */
function AllHeads() {
  return (texts.value.writes_zero ?? "").trim() === "" ? null : (
    <p class="hint">
      Each head is taken out of the model with all its heads: those that are taken out above are not taken out
      here.
    </p>
  );
}

function View() {
  const answer = attribute.answer.value;
  return (
    <>
      <ReportView
        task={attribute}
        question="writes"
        before={<h2>Which heads and MLPs write the answer into the residual stream?</h2>}
      />
      {answer !== null && (
        <>
          <Also
            task={lens}
            question="lens"
            label="The logit lens"
            title="How the answer grows along the layers"
            press="Look along the layers"
            main={attribute}
          >
            <div class="also-fields">
              <Fields analysis="lens" only={["lens_scale"]} />
            </div>
          </Also>
          <Also
            task={says}
            question="says"
            label="What each layer says"
            title="What the model would say at each layer"
            press="Read the chosen prompt layer by layer"
            main={attribute}
          />
          <Also
            task={effects}
            question="effects"
            label="Direct and total effects"
            title="What the answer loses without each head"
            press="Take each head away"
            main={attribute}
          >
            <AllHeads />
          </Also>
          <BesideReport of={attribute}>
            <Facts answer={answer} />
          </BesideReport>
        </>
      )}
    </>
  );
}

let begun = false;

function unasked(): void {
  if (begun) return;
  begun = true;
  const when = () => panel.value?.name === WRITES.name && isSmall();
  keepAskedWith(attribute, [lens, says, effects], { when });
}

export const WRITES: Panel = {
  name: "writes",
  title: "Who writes the answer?",
  analyses: ["attribute", "lens"],
  task: attribute,
  also: [lens, says, effects],
  Controls,
  View,
  unasked,
};
