// One thing at a time: a run, from the form to the shown result, or other work of the worker's. What was shown before
// stays until a run is complete.

import type { ExperimentResult, ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { setState } from "./automation.ts";
import { check } from "./check.ts";
import { followed } from "./default-head.ts";
import { byId } from "./dom.ts";
import { problemOf } from "./errors.ts";
import { fail, refuse } from "./failed-run.ts";
import { type Settings, settingsOf, specOf, type Texts } from "./fields.ts";
import { fitPrompts, leftOut } from "./fit.ts";
import { followHead, headIsProposed, markProblems, readForm, readSource } from "./form.ts";
import type { Lab } from "./lab.ts";
import { clearMessage, showMessage } from "./panels/message.ts";
import { askOnce } from "./panels/persistence.ts";
import { type ProgressPanel, showProgress } from "./panels/progress.ts";
import type { LoadStep, Step } from "./protocol.ts";
import type { RunReply } from "./result.ts";
import type { ModelSource } from "./sources.ts";
import { cancelled, type Task, unlessAborted } from "./task.ts";

const runButton = byId("run", HTMLButtonElement);
const cancelButton = byId("cancel", HTMLButtonElement);

interface RunEvents {
  /** It went well: the page is to show this. `asked`: the form's texts, with own prompts that were left out. */
  done: (settings: Settings, source: ModelSource, reply: RunReply, asked: Texts) => Promise<void>;
  /** It is over, however it went. */
  ended: () => void;
}

/** What was asked for and takes its time. */
class Job {
  readonly own: boolean;
  readonly #cancel = new AbortController();
  /** Its bar, while it has one. */
  bar: ProgressPanel | null = null;
  /** Its result is there: nothing is left to be cancelled. */
  settled = false;

  /** `own`: the page's own doing, which makes way for whoever presses Run. */
  constructor({ own = false } = {}) {
    this.own = own;
  }

  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Wherever it is: waiting, checking, between two calls of the worker, or in one. */
  cancel(why = cancelled()): void {
    if (this.settled || this.signal.aborted) return;
    this.bar?.cancelling();
    this.#cancel.abort(why);
  }
}

export class Runs {
  readonly #lab: Lab;
  readonly #defaults: ExperimentSpec;
  readonly #events: RunEvents;
  #open = false;
  /** What Cancel is for: the run, or the work, that was asked for last and is not over. */
  #job: Job | null = null;
  /** One after another: the worker does one thing at a time. */
  #queue: Promise<void> = Promise.resolve();
  /** What panels look for, with those that wait. */
  readonly #looks = new Set<Job>();
  /** A model is being read for one of them. */
  #reading: Job | null = null;

  constructor(lab: Lab, defaults: ExperimentSpec, events: RunEvents) {
    this.#lab = lab;
    this.#defaults = defaults;
    this.#events = events;
  }

  get busy(): boolean {
    return this.#job !== null;
  }

  /** From now on runs may start: the form says what the page was opened for. */
  open(): void {
    this.#open = true;
    this.#showButtons();
  }

  /** Whether Run would begin something: what the page does by itself makes way for it. */
  get startable(): boolean {
    return this.#open && (this.#job === null || this.#job.own);
  }

  cancel(): void {
    (this.#job ?? this.#reading)?.cancel();
  }

  /** Runs what the form says. `own`: by the page itself. */
  async start({ own = false } = {}): Promise<void> {
    if (own ? !this.#open || this.busy : !this.startable) return;
    // Panels have a model read for an earlier run, one after another: who presses Run does not wait for them.
    if (this.#reading) for (const look of this.#looks) look.cancel(cancelled("Run was pressed first."));
    const texts = readForm();
    const proposed = headIsProposed(this.#defaults);
    await this.#take(new Job({ own }), async (job) => {
      markProblems([]);
      const { problems } = await unlessAborted(check(this.#lab, texts, this.#defaults, 0), job.signal);
      if (problems.length > 0) {
        refuse(problems);
        return null;
      }
      const asked = settingsOf(texts);
      const source = readSource(asked.model);
      const { device, accuracy } = asked;
      const head = proposed ? null : ([asked.layer, asked.head] as const);
      const task = this.#task(job);
      const { settings, left } = await fitPrompts(this.#lab, asked, { source, head }, task);
      const spec = { analysis: "experiment", spec: specOf(settings), accuracy };
      const reply = await this.#lab.job<ExperimentResult>({ source, device, head, spec }, task);
      this.#settle(job);
      const other = followed(texts, settings, reply.result.head);
      if (other !== null) followHead(reply.result.head);
      await this.#events.done(other?.settings ?? settings, source, reply, other?.asked ?? texts);
      const news = [
        ...(other === null ? [] : [other.message]),
        ...(left.length === 0 ? [] : [leftOut(left)]),
      ];
      if (news.length > 0) showMessage(news.join(" "), { calm: true });
      return "Done. The result is shown.";
    });
  }

  /** Something else that takes its time, with the same bar, Cancel and errors; `last` is said at its end. */
  async work(work: (task: Task) => Promise<void>, last: string): Promise<void> {
    if (!this.#open || this.busy) return;
    await this.#take(new Job(), async (job) => {
      await work(this.#task(job));
      return last;
    });
  }

  /** Something short, after what is under way; only a model that has to be read for it has a bar. Its errors are the caller's. */
  look<T>(work: (task: Task) => Promise<T>): Promise<T> {
    const look = new Job();
    this.#looks.add(look);
    const report = (step: Step) => {
      if (step.phase !== "load" || look.signal.aborted || !this.#looks.has(look)) return;
      if (look.bar === null) {
        look.bar = showProgress();
        this.#reading = look;
        this.#showButtons();
      }
      look.bar.step(step);
    };
    const silent = (seconds: number, left: number) => look.bar?.silent(seconds, left);
    return this.#queued(async () => {
      try {
        look.signal.throwIfAborted();
        return await work({ signal: look.signal, report, silent });
      } finally {
        this.#looks.delete(look);
        look.bar?.end("");
        if (this.#reading === look) this.#reading = null;
        this.#showButtons();
      }
    });
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work);
    this.#queue = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  /** `work` in its turn. It answers with what is said at its end; null where it has said why it came to nothing. */
  async #take(job: Job, work: (job: Job) => Promise<string | null>): Promise<void> {
    const before = this.#job;
    this.#job = job;
    before?.cancel();
    clearMessage();
    this.#showButtons();
    window.patchbay.error = null;
    window.patchbay.load = null;
    setState("loading");
    await this.#queued(async () => {
      try {
        job.signal.throwIfAborted();
        const last = await work(job);
        if (this.#end(job, last ?? "") && last !== null) setState("done");
      } catch (error) {
        if (this.#end(job, "")) fail(problemOf(error));
      }
    });
  }

  #task(job: Job): Task {
    job.signal.throwIfAborted();
    const bar = showProgress();
    job.bar = bar;
    const report = (step: Step) => {
      // Comlink delivers steps on their own channel; one may arrive after the end.
      if (job.bar !== bar || job.signal.aborted) return;
      if (step.phase === "load") noteLoad(step);
      setState(step.phase === "load" ? "loading" : "running");
      bar.step(step);
    };
    return { signal: job.signal, report, silent: (seconds, left) => bar.silent(seconds, left) };
  }

  #settle(job: Job): void {
    job.settled = true;
    this.#showButtons();
  }

  /** False where something else was begun meanwhile, which has the page's word. */
  #end(job: Job, last: string): boolean {
    const latest = this.#job === job;
    if (latest) this.#job = null;
    this.#showButtons();
    job.bar?.end(last);
    job.bar = null;
    this.#events.ended();
    return latest;
  }

  #showButtons(): void {
    const job = this.#job ?? this.#reading;
    const cancellable = job !== null && !job.settled;
    // Not `disabled` on Run: it would lose the keyboard, and with it Esc.
    runButton.setAttribute("aria-disabled", String(!this.startable));
    if (!cancellable && document.activeElement === cancelButton) runButton.focus();
    cancelButton.disabled = !cancellable;
  }
}

function noteLoad(step: LoadStep): void {
  window.patchbay.load = step;
  // So much is worth keeping; the small files would not be.
  if (step.stage === "download" && step.what === "model.safetensors") void askOnce();
}
