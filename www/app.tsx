// The page: what it is, the sentence at work, the questions, the one in view, and the run bar.

import { useEffect, useRef } from "preact/hooks";
import { Header } from "./frame/header.tsx";
import { Questions } from "./frame/questions.tsx";
import { RunBar } from "./frame/run-bar.tsx";
import { Sentence } from "./frame/sentence.tsx";
import { panel, panels } from "./store/run.ts";
import { arrivals } from "./store/session.ts";
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
  if (here === null) return null;
  const { title, task, Controls, View } = here;
  return (
    <>
      <a class="skip" href="#answer">
        Skip to the answer
      </a>
      <Header />
      <div class="page">
        <Sentence />
        <Questions panels={panels.value} />
        <main class={Controls === null ? "question whole" : "question"}>
          <section id="answer" class="answer" tabIndex={-1} aria-label={title} ref={answer}>
            <Guard of={task?.answer.value}>
              <View />
            </Guard>
          </section>
          {Controls !== null && (
            <section class="controls" aria-label="Settings">
              <Controls />
            </section>
          )}
        </main>
      </div>
      <RunBar task={task} />
    </>
  );
}
