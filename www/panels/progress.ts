// The bar, the text beside it, and a calmer text for screen readers.

import { byId } from "../dom.ts";
import { every } from "../pace.ts";
import type { LoadStep, RunStep, Step } from "../protocol.ts";
import { loadText, runText, silentText, spokenLoadText } from "./progress-text.ts";

const panel = byId("progress", HTMLElement);
const bar = byId("progress-bar", HTMLProgressElement);
const text = byId("progress-text", HTMLElement);
const spoken = byId("spoken", HTMLElement);

export interface ProgressPanel {
  step(step: Step): void;
  /** Nothing has come for so many seconds; it is given up when `left` more have gone by. */
  silent(seconds: number, left: number): void;
  /** A cancel is on its way; what is under way may not be able to stop at once. */
  cancelling(): void;
  /** Takes the panel away and says how it went. */
  end(last: string): void;
}

/** Shows the steps of one run. */
export function showProgress(): ProgressPanel {
  let kind = "";
  let runStart = 0;
  let speakNow = every(5000);
  /** What was said last of how far it is. */
  let known = "";
  let countDown: ReturnType<typeof setInterval> | undefined;

  const showLoad = (step: LoadStep, since: number) => {
    known = loadText(step, since);
    text.textContent = known;
    if (speakNow()) spoken.textContent = spokenLoadText(step);
  };
  const showRun = (step: RunStep) => {
    known = runText(step, performance.now() - runStart);
    text.textContent = known;
    if (speakNow()) spoken.textContent = known;
  };

  panel.hidden = false;
  return {
    step(step) {
      clearInterval(countDown);
      const next = kindOf(step);
      if (next !== kind) {
        kind = next;
        // The run's clock starts with its first step, and what is new is said at once.
        runStart = performance.now();
        speakNow = every(5000);
      }
      fillBar(step);
      if (step.phase === "run") return showRun(step);
      showLoad(step, 0);
      // The worker says once when it tries again; the seconds in between are counted here.
      const told = performance.now();
      if (step.retry !== null) countDown = setInterval(() => showLoad(step, performance.now() - told), 250);
    },
    silent(seconds, left) {
      text.textContent = [known, silentText(seconds, left)].filter(Boolean).join(" · ");
      if (speakNow()) spoken.textContent = silentText(seconds, left);
    },
    cancelling() {
      clearInterval(countDown);
      bar.removeAttribute("value");
      text.textContent = "Cancelling…";
      spoken.textContent = text.textContent;
    },
    end(last) {
      clearInterval(countDown);
      panel.hidden = true;
      text.textContent = "";
      spoken.textContent = last;
      bar.removeAttribute("value");
    },
  };
}

function kindOf(step: Step): string {
  return step.phase === "run" ? "run" : `${step.stage} ${step.what} ${step.retry?.attempt}`;
}

/** An end that is unknown leaves the bar without one. */
function fillBar({ done, total }: Step): void {
  if (total === null || total === 0) bar.removeAttribute("value");
  else {
    bar.max = total;
    bar.value = done;
  }
}
