// The bar, the text beside it, and a calmer text for screen readers.

import { byId } from "../dom.ts";
import { every } from "../pace.ts";
import type { Step } from "../protocol.ts";
import { progressText } from "./progress-text.ts";

const panel = byId("progress", HTMLElement);
const bar = byId("progress-bar", HTMLProgressElement);
const text = byId("progress-text", HTMLElement);
const spoken = byId("spoken", HTMLElement);

export interface ProgressPanel {
  step(step: Step): void;
  /** A cancel is on its way; what is under way may not be able to stop at once. */
  cancelling(): void;
  /** Takes the panel away and says how it went. */
  end(last: string): void;
}

/** Shows the steps of one run. */
export function showProgress(): ProgressPanel {
  let counted = "";
  let start = 0;
  let speakNow = every(5000);
  panel.hidden = false;
  return {
    step(step) {
      // The clock starts with what is counted: the weights' bytes, then the run's steps.
      const kind = `${step.phase} ${step.total}`;
      if (kind !== counted) {
        counted = kind;
        start = performance.now();
        speakNow = every(5000);
      }
      if (step.total === null) bar.removeAttribute("value");
      else {
        bar.max = step.total;
        bar.value = step.done;
      }
      text.textContent = progressText(step, performance.now() - start);
      if (speakNow()) spoken.textContent = text.textContent;
    },
    cancelling() {
      bar.removeAttribute("value");
      text.textContent = "Cancelling…";
      spoken.textContent = text.textContent;
    },
    end(last) {
      panel.hidden = true;
      text.textContent = "";
      spoken.textContent = last;
      bar.removeAttribute("value");
    },
  };
}
