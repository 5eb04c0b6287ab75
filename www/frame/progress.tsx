// How far a task is: a bar, and in words.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { every } from "../door/pace.ts";
import type { Step } from "../door/protocol.ts";
import type { Task } from "../store/tasks/task.ts";
import { loadText, runText, silentText, spokenLoadText } from "../text/progress.ts";
import "./progress.css";

export function Progress({ task }: { task: Task }) {
  const step = task.step.value;
  const silent = task.silent.value;
  const { known, spoken } = useTexts(task);
  const { done = 0, total = null } = step ?? {};
  return (
    <div class="progress">
      <progress aria-label="Progress of the run" {...(total ? { max: total, value: done } : {})} />
      <p class="progress-text">
        {[known, silent === null ? "" : silentText(silent.seconds, silent.left)].filter(Boolean).join(" · ")}
      </p>
      <p class="visually-hidden" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}

/** What the step says, with the seconds to the next try counted here; and a calmer text for screen readers. */
function useTexts(task: Task): { known: string; spoken: string } {
  const known = useSignal("");
  const spoken = useSignal("");
  const clock = useRef({ kind: "", begun: 0, speak: every(5000), timer: 0 });
  useSignalEffect(() => {
    const step = task.step.value;
    const it = clock.current;
    clearInterval(it.timer);
    if (step === null) {
      known.value = task.state.value === "waiting" ? "Waiting" : "";
      return;
    }
    if (kindOf(step) !== it.kind) {
      // The run's clock starts with its first step, and what is new is said at once.
      clock.current = { kind: kindOf(step), begun: performance.now(), speak: every(5000), timer: 0 };
    }
    const { begun, speak } = clock.current;
    const told = performance.now();
    const tell = () => {
      const now = performance.now();
      known.value = step.phase === "run" ? runText(step, now - begun) : loadText(step, now - told);
      if (speak()) spoken.value = step.phase === "run" ? known.value : spokenLoadText(step);
    };
    tell();
    if (step.phase === "load" && step.retry !== null) clock.current.timer = Number(setInterval(tell, 250));
  });
  useEffect(() => () => clearInterval(clock.current.timer), []);
  return { known: known.value, spoken: spoken.value };
}

function kindOf(step: Step): string {
  return step.phase === "run" ? "run" : `${step.stage} ${step.what} ${step.retry?.attempt}`;
}
