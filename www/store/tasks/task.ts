// A question that is put to the worker, and all that the page shows of it: how far it is, what there is so far, the last
// answer, and whether that is still of what the page is set to.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Report } from "../../../pkg/cpu/patchbay.js";
import { CANCELLED, isNamed, type Problem, problemOf } from "../../door/errors.ts";
import type { Lab } from "../../door/lab.ts";
import type { DeviceChoice, JobReply, Question, Step } from "../../door/protocol.ts";
import { type ModelSource, sourceKey } from "../../door/sources.ts";
import { cancelled, type Work } from "../../door/work.ts";
import { source } from "../models/models.ts";
import * as session from "../session.ts";

export type TaskState = "idle" | "waiting" | "loading" | "running" | "done" | "error" | "cancelled";

/** An answer with what it is of. */
export interface Answer<T = unknown> {
  key: string;
  asked: Asked;
  reply: JobReply<T>;
  /** When it was computed, ISO 8601. */
  date: string;
}

/** What was asked of which model, so that it can be asked again. */
export interface Asked {
  question: Question;
  model: string;
  device: DeviceChoice;
  source: ModelSource;
}

export interface TaskOptions {
  /** For messages and tools: "experiment". */
  name: string;
  /** What the page is set to ask; null where there is nothing to be asked. Read inside a computed signal. */
  wants: () => Question | null;
}

export class Task<T = unknown> {
  readonly name: string;
  readonly #wants: TaskOptions["wants"];
  readonly state = signal<TaskState>("idle");
  readonly step = signal<Step | null>(null);
  /** Nothing has come for so many seconds, and it is given up in so many. */
  readonly silent = signal<{ seconds: number; left: number } | null>(null);
  /** What there is before the end; after a cancel as well, where there is no answer from before. */
  readonly partial = signal<Report | null>(null);
  /** The last whole answer. It stays until the next one is whole. */
  readonly answer = signal<Answer<T> | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** What that was asked of. */
  readonly #refused = signal<string | null>(null);
  /** What the page is set to ask, and of which model, as one text; null where there is nothing to be asked. */
  readonly wanted: ReadonlySignal<string | null>;
  /** The answer is not of what the page is set to. */
  readonly stale: ReadonlySignal<boolean>;
  /** Why there is no answer to what the page is set to, where that has been asked. */
  readonly unanswered: ReadonlySignal<Problem | null>;
  /** Of the time that it is asked now. */
  #cancel: AbortController | null = null;

  constructor({ name, wants }: TaskOptions) {
    this.name = name;
    this.#wants = wants;
    this.wanted = computed(() => {
      const question = wants();
      return question === null ? null : keyOf(question);
    });
    this.stale = computed(() => {
      const now = this.answer.value;
      return now !== null && now.key !== this.wanted.value;
    });
    this.unanswered = computed(() => (this.#refused.value === this.wanted.value ? this.problem.value : null));
  }

  /** It is being asked now, or waits for its turn. */
  readonly under = computed(() => ["waiting", "loading", "running"].includes(this.state.value));

  /** What the page is set to ask. */
  get question(): Question | null {
    return this.#wants();
  }

  get busy(): boolean {
    return this.#cancel !== null;
  }

  /** Report to be shown: the whole answer's, or what there is of the next one. */
  readonly report: ReadonlySignal<Report | null> = computed(
    () => this.partial.value ?? this.answer.value?.reply.report ?? null,
  );

  /** Asks, in its turn in the queue; `unasked`: by the page itself. True where it came to an answer. */
  async run(
    lab: Pick<Lab, "job">,
    turn: <R>(work: () => Promise<R>) => Promise<R>,
    { unasked = false } = {},
  ): Promise<boolean> {
    const question = this.#wants();
    if (question === null) return false;
    this.cancel();
    const cancel = new AbortController();
    const key = keyOf(question);
    this.#cancel = cancel;
    batch(() => {
      this.state.value = "waiting";
      this.problem.value = null;
      this.partial.value = null;
    });
    const now = () => this.#cancel === cancel;
    const work: Work = {
      signal: cancel.signal,
      // Comlink delivers steps on their own channel; one may arrive after the end.
      report: (step) => now() && !cancel.signal.aborted && this.#tell(step),
      silent: (seconds, left) => {
        if (now()) this.silent.value = { seconds, left };
      },
    };
    try {
      // As the page is set now. By the time of its turn another model may be chosen, which nobody has asked to fetch.
      const asked: Asked = {
        question,
        model: session.model.value,
        device: session.device.value,
        source: source(),
      };
      const reply = await turn(() => this.#ask(asked, lab, work, unasked));
      if (!now()) return false;
      batch(() => {
        this.answer.value = { key, asked, reply, date: new Date().toISOString() };
        session.known.value = { id: asked.model, info: reply.model };
        session.weights.value = { id: asked.model, sha256: reply.origin.sha256 };
        this.#end("done");
      });
      return true;
    } catch (error) {
      if (!now()) return false;
      batch(() => {
        this.problem.value = problemOf(error);
        this.#refused.value = key;
        this.#end(isNamed(error, CANCELLED) ? "cancelled" : "error");
      });
      return false;
    }
  }

  #ask(asked: Asked, lab: Pick<Lab, "job">, work: Work, unasked: boolean): Promise<JobReply<T>> {
    work.signal.throwIfAborted();
    const show = (report: Report) => {
      if (!work.signal.aborted) this.partial.value = report;
    };
    const { source, device, question } = asked;
    return lab.job<T>({ source, device, head: headOf(question), question, unasked }, work, show);
  }

  cancel(why: unknown = cancelled()): void {
    this.#cancel?.abort(why);
  }

  /** Shows an answer that was there before. */
  show(answer: Answer<T>): void {
    batch(() => {
      this.answer.value = answer;
      this.problem.value = null;
      if (!this.busy) this.state.value = "done";
    });
  }

  #tell(step: Step): void {
    batch(() => {
      this.state.value = step.phase === "load" ? "loading" : "running";
      this.step.value = step;
      this.silent.value = null;
    });
  }

  #end(state: TaskState): void {
    this.#cancel = null;
    this.state.value = state;
    this.step.value = null;
    this.silent.value = null;
    // Somebody who cancels has seen enough, or more than nothing.
    if (state !== "cancelled" || this.answer.value !== null) this.partial.value = null;
  }
}

function keyOf(question: Question): string {
  const { model, device, folder } = session;
  const picked = folder.value === null ? null : sourceKey(folder.value);
  return JSON.stringify([model.value, model.value === "folder" ? picked : null, device.value, question]);
}

/** What the model must have, which is known before its weights are fetched. */
function headOf(question: Question): readonly [number, number] | null {
  if (!("texts" in question)) return null;
  const { layer = "", head = "" } = question.texts;
  return /^\d+$/.test(layer) && /^\d+$/.test(head) ? [Number(layer), Number(head)] : null;
}
