// The page's line to one worker. Every call on it ends: with its answer, or with the worker, which is ended where it
// gives no sign of life. Signs of life are answers to pings, which a worker that computes gives between two steps, and
// what a piece of work reports. All limits are in ticks of a second that are counted as they come: a page that slept,
// or whose timers the browser slows down in the background, does not take its own sleep for the worker's.

import { NamedError } from "./errors.ts";
import { Lifeline } from "./lifeline.ts";
import type { Report, Step } from "./protocol.ts";
import type { Work } from "./work.ts";

const TICK_MS = 1000;

/** Limits in seconds. A step of a large model on a slow machine takes many; a download or a run reports all the time. */
export const LIMITS = {
  /** No answer to a ping while there is work, or before the worker's script has come. */
  blocked: 120,
  /** The same when no work is under way. */
  idle: 30,
  /** Work that reports nothing, in a worker that answers pings. */
  stalled: 300,
  /** A question, in a worker that answers pings. */
  asked: 60,
  /** Work that was cancelled and has not ended. */
  cancelled: 5,
  /** When the page begins to say that nothing comes. */
  told: 15,
} as const;

export interface LineRemote {
  ping(): Promise<unknown>;
  cancel(): Promise<unknown>;
}

export interface Connection<R> {
  remote: R;
  close(): void;
}

interface Call {
  /** Seconds since its last sign of life. */
  silent: number;
  /** Fails this call alone. */
  fail: (error: Error) => void;
  /** Of work alone; a question has none. */
  task: Work | null;
  /** Seconds since it was cancelled. */
  cancelled: number;
}

export class Line<R extends LineRemote> {
  readonly #connection: Connection<R>;
  readonly #lifeline = new Lifeline();
  readonly #calls = new Set<Call>();
  #ended = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** It has answered once, so that its script is there. */
  #begun = false;
  #answered = true;
  /** Seconds since a ping was answered. */
  #deaf = 0;

  /** `open` gets what to call when the worker says itself that it has failed. */
  constructor(open: (failed: (error: Error) => void) => Connection<R>) {
    this.#connection = open((error) => this.end(error));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A question, which is answered at once unless a step of work is under way. */
  ask<T>(call: (remote: R) => Promise<T>): Promise<T> {
    return this.#guard(null, () => call(this.#connection.remote));
  }

  /** Work to its end in the worker, which a cancel only asks for. */
  work<T>(task: Work, call: (remote: R, report: Report) => Promise<T>): Promise<T> {
    return this.#guard(task, (known) => {
      const { remote } = this.#connection;
      const cancel = () => void remote.cancel();
      task.signal.addEventListener("abort", cancel, { once: true });
      const report = (step: Step) => {
        known.silent = -pauseOf(step);
        task.report(step);
      };
      return call(remote, report).finally(() => task.signal.removeEventListener("abort", cancel));
    });
  }

  /** Ends the worker and every call on it with this error. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#connection.close();
    this.#lifeline.die(error);
  }

  #guard<T>(task: Work | null, call: (known: Call) => Promise<T>): Promise<T> {
    return this.#lifeline.guard(
      () =>
        new Promise((resolve, reject) => {
          const known: Call = { silent: 0, fail: reject, task, cancelled: 0 };
          if (this.#calls.size === 0) this.#watch();
          this.#calls.add(known);
          call(known)
            .finally(() => this.#drop(known))
            .then(resolve, reject);
        }),
    );
  }

  #drop(call: Call): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) clearInterval(this.#timer);
  }

  #watch(): void {
    this.#deaf = 0;
    this.#ping();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #ping(): void {
    this.#answered = false;
    this.#connection.remote.ping().then(
      () => {
        this.#answered = true;
        this.#begun = true;
      },
      () => undefined,
    );
  }

  #tick(): void {
    const alive = this.#answered;
    this.#deaf = alive ? 0 : this.#deaf + 1;
    if (alive) this.#ping();
    const working = [...this.#calls].some(({ task }) => task !== null);
    const most = working || !this.#begun ? LIMITS.blocked : LIMITS.idle;
    if (this.#deaf >= most) {
      this.end(gone(`has not answered for ${most} s`));
      return;
    }
    for (const call of this.#calls) {
      if (call.task === null) this.#tickAsked(call, alive);
      else this.#tickWork(call, call.task, alive ? Number.POSITIVE_INFINITY : most - this.#deaf);
    }
  }

  #tickAsked(call: Call, alive: boolean): void {
    if (alive) call.silent += 1;
    if (call.silent < LIMITS.asked) return;
    this.#drop(call);
    call.fail(new NamedError("WorkerError", `No answer came within ${LIMITS.asked} s. Try it again.`));
  }

  #tickWork(call: Call, task: Work, blockedLeft: number): void {
    call.silent += 1;
    if (task.signal.aborted) {
      call.cancelled += 1;
      if (call.cancelled >= LIMITS.cancelled) this.end(gone("did not stop"));
      return;
    }
    if (call.silent >= LIMITS.stalled) {
      this.end(gone(`has got no further for ${LIMITS.stalled} s`));
      return;
    }
    const left = Math.min(LIMITS.stalled - call.silent, blockedLeft);
    if (call.silent >= LIMITS.told) task.silent(call.silent, left);
  }
}

function gone(why: string): NamedError {
  const message = `The page's worker ${why}, and was ended. Run again: another one takes its place.`;
  return new NamedError("WorkerError", message, { restart: true });
}

/** Seconds for which nothing is to be expected: a pause before another try is announced. */
function pauseOf(step: Step): number {
  if (step.phase !== "load" || step.retry === null) return 0;
  return Math.ceil(step.retry.ms / 1000);
}
