// "Place or name?": the notebook's experiment and its controls at one head, and the same at all heads.

import { HUB_ID, MINI_ID } from "../../door/sources.ts";
import { chooseModel } from "../../store/models/models.ts";
import type { Panel } from "../../store/panel.ts";
import { isGpt2Small } from "../../store/session.ts";
import { ask } from "../../store/tasks/queue.ts";
import { Facts, FOLDED } from "../facts.tsx";
import { ReportView } from "../report.tsx";
import { BesideReport } from "../standing.tsx";
import { Verdict } from "../verdict.tsx";
import { AllHeads } from "./all-heads.tsx";
import { Controls } from "./controls.tsx";
import { Reading } from "./reading.tsx";
import { experiment, isQuick, sweep } from "./tasks.ts";
import "./place.css";

function View() {
  const answer = experiment.answer.value;
  return (
    <>
      <ReportView
        task={experiment}
        question="place"
        without={FOLDED}
        before={<h2>Does the head find IO by its place in the sentence, or by its name?</h2>}
      >
        <Verdict />
        {answer?.asked.model === MINI_ID && <Toy />}
      </ReportView>
      {answer !== null && <AllHeads />}
      {answer !== null && (
        <BesideReport of={experiment}>
          <Facts answer={answer} />
        </BesideReport>
      )}
      <Reading />
    </>
  );
}

function Toy() {
  return (
    <p class="note">
      This is ioi-mini, a toy that was trained on such sentences and a few other tasks.{" "}
      {isGpt2Small.value ? (
        "GPT-2 small is chosen now: press Run."
      ) : (
        <>
          For the real thing{" "}
          <button type="button" class="link" onClick={() => chooseModel(HUB_ID)}>
            choose GPT-2 small
          </button>{" "}
          (548 MB, fetched once) and run.
        </>
      )}
    </p>
  );
}

function unasked(): void {
  if (experiment.stale.value || !isQuick()) return;
  if (!sweep.busy && (sweep.answer.value === null || sweep.stale.value)) void ask(sweep, { own: true });
}

export const PLACE: Panel = {
  name: "place",
  title: "Place or name?",
  onlyIoi: true,
  flips: true,
  task: experiment,
  also: [sweep],
  Controls,
  View,
  unasked,
};
