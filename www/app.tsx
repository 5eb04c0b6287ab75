// The page: what it is, the sentence at work, the questions, the one in view, and the run bar.

import { useEffect, useRef } from "preact/hooks";
import { Header } from "./frame/header.tsx";
import { Covered, OpenLesson } from "./frame/lessons.tsx";
import { OtherTask } from "./frame/other-task.tsx";
import { Questions } from "./frame/questions.tsx";
import { RunBar } from "./frame/run-bar.tsx";
import { Sentence } from "./frame/sentence.tsx";
import { covered, step } from "./lessons/guesses.ts";
import { ANCHORS } from "./store/link/link.ts";
import { asking, barred, panel, panels, runNow } from "./store/run.ts";
import { arrivals, task as chosenTask, refusals } from "./store/session.ts";
import { Guard } from "./ui/guard.tsx";
import "./styles/base.css";
import "./app.css";

export function App() {
  const here = panel.value;
  const answer = useRef<HTMLElement>(null);
  useEffect(() => here?.unasked?.(), [here]);
  useEffect(() => {
    if (arrivals.value > 0) answer.current?.focus({ preventScroll: true });
  }, [arrivals.value]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (refusals.value > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refusals.value]);
  if (here === null) return null;
  const { title, task } = here;
  const { Controls, View } = barred(here, chosenTask.value) ? { Controls: null, View: OtherTask } : here;
  return (
    <>
      <a class="skip" href={`#${ANCHORS.answer}`}>
        Skip to the answer
      </a>
      <Header />
      <div class={["page", step.value && "taught", covered.value && "covered"].filter(Boolean).join(" ")}>
        <OpenLesson />
        <Sentence />
        <Questions panels={panels.value} />
        {covered.value ? (
          <Covered id={ANCHORS.answer} />
        ) : (
          <main class={Controls === null ? "question whole" : "question"}>
            <section id={ANCHORS.answer} class="answer" tabIndex={-1} aria-label={title} ref={answer}>
              <Guard of={task?.answer.value}>
                <View />
              </Guard>
            </section>
            {Controls !== null && (
              <form
                id={ANCHORS.settings}
                class="controls"
                tabIndex={-1}
                ref={form}
                aria-label="Settings"
                noValidate
                autocomplete="off"
                onSubmit={(event) => {
                  event.preventDefault();
                  void runNow();
                }}
              >
                <Controls />
                {/* For Enter in a field. */}
                <button type="submit" hidden />
              </form>
            )}
          </main>
        )}
      </div>
      <RunBar task={asking.value} hasSettings={Controls !== null && !covered.value} />
    </>
  );
}
