// One thing at a time: a run, from the form to the shown result, or other work of the worker's. What was shown before
// stays until a run is complete.

import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { setState } from "./automation.ts";
import { check } from "./check.ts";
import { byId } from "./dom.ts";
import { CANCELLED, NamedError, problemOf } from "./errors.ts";
import { fail, refuse } from "./failed-run.ts";
import { type Settings, settingsOf, specOf, type Texts } from "./fields.ts";
import { fitPrompts, leftOut } from "./fit.ts";
import { markProblems, readForm, readSource } from "./form.ts";
import type { Lab } from "./lab.ts";
import { clearMessage, showMessage } from "./panels/message.ts";
import { askOnce } from "./panels/persistence.ts";
import { type ProgressPanel, showProgress } from "./panels/progress.ts";
import type { LoadStep, Report, RunReply } from "./protocol.ts";
import type { ModelSource } from "./sources.ts";

const runButton = byId("run", HTMLButtonElement);
const cancelButton = byId("cancel", HTMLButtonElement);

interface RunEvents {
  /** It went well: the page is to show this. `asked`: the form's texts, with own prompts that were left out. */
  done: (settings: Settings, source: ModelSource, reply: RunReply, asked: Texts) => Promise<void>;
  /** It is over, however it went. */
  ended: () => void;
}

export class Runs {
  readonly #lab: Lab;
  readonly #defaults: ExperimentSpec;
  readonly #events: RunEvents;
  #open = false;
  #busy = false;
  /** The run under way is the page's own doing: whoever presses Run need not wait for it. */
  #own = false;
  /** Run was pressed during the page's own run, which is on its way out. */
  #pressed = false;
  /** One after another: the worker does one thing at a time. */
  #queue: Promise<void> = Promise.resolve();
  #cancelling = false;
  /** A model is being read for a panel. */
  #reading = false;
  /** Counts how often looks that waited were dropped. */
  #looks = 0;
  #progress: ProgressPanel | null = null;

  constructor(lab: Lab, defaults: ExperimentSpec, events: RunEvents) {
    this.#lab = lab;
    this.#defaults = defaults;
    this.#events = events;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** From now on runs may start: the form says what the page was opened for. */
  open(): void {
    this.#open = true;
    this.#setBusy(this.#busy);
  }

  /** Whether Run would begin something: what the page does by itself makes way for it. */
  get startable(): boolean {
    return this.#open && (this.#own ? !this.#pressed : !this.#busy);
  }

  cancel(): void {
    if ((!this.#busy && !this.#reading) || this.#cancelling) return;
    this.#cancelling = true;
    this.#progress?.cancelling();
    this.#lab.cancel();
  }

  /** Runs what the form says. `own`: by the page itself. */
  async start({ own = false } = {}): Promise<void> {
    const insteadOfOwn = this.#own && !own;
    if (own ? !this.#open || this.#busy : !this.startable) return;
    // Panels have a model read for an earlier run, one after another: who presses Run does not wait for them.
    if (this.#reading) {
      this.#looks += 1;
      this.cancel();
    }
    const texts = readForm();
    if (insteadOfOwn) {
      this.#pressed = true;
      this.cancel();
    } else this.#begin(own);
    await this.#queued(async () => {
      if (insteadOfOwn) this.#begin(own);
      await this.#finish(async () => {
        markProblems([]);
        const { problems } = await check(this.#lab, texts, this.#defaults, 0);
        if (problems.length > 0) {
          refuse(problems);
          return null;
        }
        const asked = settingsOf(texts);
        const source = readSource(asked.model);
        const { device, accuracy } = asked;
        const head = [asked.layer, asked.head] as const;
        await this.#reported(async (report) => {
          const { settings, left } = await fitPrompts(this.#lab, asked, { source, head }, report);
          const request = { source, device, head, spec: specOf(settings), accuracy };
          const reply = await this.#lab.run(request, report);
          await this.#events.done(settings, source, reply, texts);
          if (left.length > 0) showMessage(leftOut(left), { calm: true });
        });
        return "Done. The result is shown.";
      });
    });
  }

  /** Something else that takes its time, with the same bar, Cancel and errors; `last` is said at its end. */
  async work(work: (report: Report) => Promise<void>, last: string): Promise<void> {
    if (!this.#open || this.#busy) return;
    this.#begin(false);
    await this.#queued(() =>
      this.#finish(async () => {
        await this.#reported(work);
        return last;
      }),
    );
  }

  /** Something short, after what is under way; only a model that has to be read for it has a bar. Its errors are the caller's. */
  look<T>(work: (report: Report) => Promise<T>): Promise<T> {
    const asked = this.#looks;
    return this.#queued(async () => {
      if (asked !== this.#looks) throw new NamedError(CANCELLED, "Run was pressed first.");
      let bar: ProgressPanel | null = null;
      let over = false;
      try {
        return await work((step) => {
          if (step.phase !== "load" || over || this.#cancelling) return;
          if (bar === null) {
            bar = showProgress();
            this.#reading = true;
            this.#progress = bar;
            cancelButton.disabled = false;
          }
          bar.step(step);
        });
      } finally {
        over = true;
        if (this.#reading) this.#endReading();
      }
    });
  }

  #endReading(): void {
    this.#reading = false;
    this.#progress?.end("");
    this.#progress = null;
    // Run may have been pressed meanwhile.
    if (!this.#busy) this.#cancelling = false;
    this.#setBusy(this.#busy);
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work);
    this.#queue = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  #begin(own: boolean): void {
    clearMessage();
    this.#own = own;
    this.#pressed = false;
    this.#cancelling = false;
    this.#setBusy(true);
    window.patchbay.error = null;
    window.patchbay.load = null;
    setState("loading");
  }

  /** `work` answers with what is said at its end; null where it has said why it came to nothing. */
  async #finish(work: () => Promise<string | null>): Promise<void> {
    try {
      const last = await work();
      this.#end(last ?? "");
      if (last !== null) setState("done");
    } catch (error) {
      this.#end("");
      fail(problemOf(error));
    }
  }

  async #reported<T>(work: (report: Report) => Promise<T>): Promise<T> {
    // A cancel during what came before found nothing to stop in the worker.
    if (this.#cancelling) throw new NamedError(CANCELLED, "Cancelled.");
    const progress = showProgress();
    this.#progress = progress;
    return work((step) => {
      // Comlink delivers steps on their own channel; one may arrive after the end.
      if (this.#progress !== progress || this.#cancelling) return;
      if (step.phase === "load") noteLoad(step);
      setState(step.phase === "load" ? "loading" : "running");
      progress.step(step);
    });
  }

  #end(last: string): void {
    this.#own = false;
    this.#setBusy(false);
    this.#progress?.end(last);
    this.#progress = null;
    this.#events.ended();
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    // Not `disabled` on Run: it would lose the keyboard, and with it Esc.
    runButton.setAttribute("aria-disabled", String((busy && !this.#own) || !this.#open));
    if (!busy && document.activeElement === cancelButton) runButton.focus();
    cancelButton.disabled = !busy;
  }
}

function noteLoad(step: LoadStep): void {
  window.patchbay.load = step;
  // So much is worth keeping; the small files would not be.
  if (step.stage === "download" && step.what === "model.safetensors") void askOnce();
}
