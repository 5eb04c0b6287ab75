// One run at a time: from the form to the shown result. What was shown before stays until a run is complete.

import { setState } from "./automation.ts";
import { byId } from "./dom.ts";
import { CANCELLED, type Problem, problemOf } from "./errors.ts";
import { type FieldProblem, problemsOf, type Settings, settingsOf, specOf } from "./fields.ts";
import { focusField, markProblems, readForm, readSource } from "./form.ts";
import type { Lab } from "./lab.ts";
import { clearMessage, showMessage, showProblem, showProblems } from "./panels/message.ts";
import { showProgress } from "./panels/progress.ts";
import type { RunReply } from "./protocol.ts";

const runButton = byId("run", HTMLButtonElement);
const cancelButton = byId("cancel", HTMLButtonElement);

export class Runs {
  readonly #lab: Lab;
  readonly #show: (settings: Settings, reply: RunReply) => void;
  #busy = false;

  constructor(lab: Lab, show: (settings: Settings, reply: RunReply) => void) {
    this.#lab = lab;
    this.#show = show;
  }

  get busy(): boolean {
    return this.#busy;
  }

  cancel(): void {
    if (this.#busy) this.#lab.cancel();
  }

  async start(): Promise<void> {
    if (this.#busy) return;
    const texts = readForm();
    const problems = problemsOf(texts);
    clearMessage();
    markProblems(problems);
    if (problems.length > 0) {
      refuse(problems);
      return;
    }
    this.#setBusy(true);
    window.patchbay.error = null;
    window.patchbay.load = null;
    setState("loading");
    const progress = showProgress();
    try {
      const settings = settingsOf(texts);
      const { device, accuracy } = settings;
      const request = { source: readSource(settings.model), device, spec: specOf(settings), accuracy };
      const reply = await this.#lab.run(request, (step) => {
        // Comlink delivers steps on their own channel; one may arrive after the end.
        if (!this.#busy) return;
        if (step.phase === "load") window.patchbay.load = step;
        setState(step.phase === "load" ? "loading" : "running");
        progress.step(step);
      });
      this.#show(settings, reply);
      this.#setBusy(false);
      progress.end("Done. The result is shown.");
      setState("done");
    } catch (error) {
      this.#setBusy(false);
      progress.end("");
      fail(problemOf(error));
    }
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    // Not `disabled` on Run: it would lose the keyboard, and with it Esc.
    runButton.setAttribute("aria-disabled", String(busy));
    if (!busy && document.activeElement === cancelButton) runButton.focus();
    cancelButton.disabled = !busy;
  }
}

function refuse(problems: FieldProblem[]): void {
  const message = showProblems("Nothing was run.", problems);
  window.patchbay.error = { name: "BadInput", message };
  setState("error");
  focusField(problems[0]?.field ?? "");
}

function fail(problem: Problem): void {
  window.patchbay.error = { name: problem.name, message: problem.message };
  if (problem.name === CANCELLED) {
    showMessage("Cancelled. Nothing of this run is shown.", { calm: true });
    setState("cancelled");
    return;
  }
  showProblem(problem);
  if (problem.field !== null) {
    markProblems([{ field: problem.field, message: problem.message }]);
    focusField(problem.field);
  }
  setState("error");
}
