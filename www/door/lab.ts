// The page's side of the worker: the same calls, with errors thrown again. A worker that is of no use any more is
// replaced: work ends with it, and the next call has a new one.

import * as Comlink from "comlink";
import { errorOf, NamedError, type Outcome } from "./errors.ts";
import { type Connection, Line } from "./line.ts";
import type {
  Cost,
  Crate,
  JobReply,
  JobRequest,
  ModelRequest,
  Pure,
  Remote,
  Report,
  Sent,
  Show,
  Stood,
  StorageReport,
} from "./protocol.ts";
import type { ModelSource } from "./sources.ts";
import { cancelled, unlessAborted, type Work } from "./work.ts";

/** With the rest of a cancel, well within what feels immediate. */
const PATIENCE_MS = 150;

type Worked = Comlink.Remote<Remote>;

export class Lab {
  #line: Line<Worked> | null = null;
  /** The end, in the worker, of the work before: it does one thing at a time, and what was cancelled may take a while. */
  #before: Promise<unknown> = Promise.resolve();
  /** Why no GPU is used any more: one that did not answer would be waited for again each time. */
  #refused: string | null = null;

  /** What the crate answers without a model; what that is stands there. */
  readonly schemas = this.#pure("schemas");
  readonly read = this.#pure("read");
  readonly preview = this.#pure("preview");
  readonly pairs = this.#pure("pairs");
  readonly vector = this.#pure("vector");
  readonly csv = this.#pure("csv");
  readonly headline = this.#pure("headline");
  readonly reproduction = this.#pure("reproduction");
  readonly runFile = this.#pure("runFile");
  readonly scriptLibraries = this.#pure("scriptLibraries");
  readonly scriptText = this.#pure("scriptText");
  readonly compareHeadline = this.#pure("compareHeadline");

  /** One of the crate's analyses; T is what it answers with. `show` gets what is there so far, now and then. */
  job<T>(request: JobRequest, task: Work, show?: Show): Promise<JobReply<T>> {
    const reply = this.#work(task, (remote, report) =>
      remote.job(this.#sent(request), report, show === undefined ? null : Comlink.proxy(show)),
    );
    return reply as Promise<JobReply<T>>;
  }

  /** What an analysis would cost, without running it. */
  cost(request: JobRequest, task: Work): Promise<Cost> {
    return this.#work(task, (remote, report) => remote.cost(this.#sent(request), report));
  }

  /** What this browser's storage holds. */
  stored(): Promise<StorageReport> {
    return this.#ask((remote) => remote.stored());
  }

  /** Deletes a stored model. Throws while a tab is reading it. */
  forget(key: string): Promise<void> {
    return this.#ask((remote) => remote.forget(key));
  }

  /** Whether what is stored of a model is still what its address has. */
  standing(source: ModelSource): Promise<Stood> {
    return this.#ask((remote) => remote.standing(source));
  }

  #pure<N extends Pure>(name: N) {
    return (...args: Parameters<Crate[N]>) =>
      this.#ask((remote) => remote.pure(name, ...args) as Promise<Outcome<ReturnType<Crate[N]>>>);
  }

  #sent<R extends ModelRequest>(request: R): Sent<R> {
    return { ...request, refused: this.#refused };
  }

  #current(): Line<Worked> {
    if (this.#line === null || this.#line.ended) this.#line = new Line(openWorker);
    return this.#line;
  }

  /** A question is asked once more where its worker ended without being to blame for it. */
  async #ask<T>(call: (remote: Worked) => Promise<Outcome<T>>): Promise<T> {
    const line = this.#current();
    try {
      return settled(line, await line.ask(call));
    } catch (error) {
      if (!(error instanceof NamedError && error.restart && line.ended)) throw error;
      const next = this.#current();
      return settled(next, await next.ask(call));
    }
  }

  /** Its end, which may be a cancel that the worker has not followed yet: the page does not wait for that, the next work does. */
  #work<T>(task: Work, call: (remote: Worked, report: Report) => Promise<Outcome<T>>): Promise<T> {
    const work = this.#before.then(() => this.#toItsEnd(task, call));
    this.#before = work.catch(() => undefined);
    const error = () => cancelled("Cancelled. The step under way still ends; the next run waits for it.");
    return unlessAborted(work, task.signal, { patience: PATIENCE_MS, error });
  }

  async #toItsEnd<T>(task: Work, call: (remote: Worked, report: Report) => Promise<Outcome<T>>): Promise<T> {
    for (;;) {
      task.signal.throwIfAborted();
      const line = this.#current();
      const outcome = await line.work(task, (remote, report) => call(remote, Comlink.proxy(report)));
      if (!outcome.ok && outcome.problem.restart && outcome.problem.name === "DeviceError") {
        this.#refused = outcome.problem.message;
        line.end(errorOf(outcome.problem));
        continue;
      }
      const value = settled(line, outcome);
      // A cancel that came when it was done already was one all the same.
      task.signal.throwIfAborted();
      return value;
    }
  }
}

/** The outcome's value; a worker that says it is of no use any more is ended. */
function settled<T>(line: Line<Worked>, outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const error = errorOf(outcome.problem);
  if (error.restart) line.end(error);
  throw error;
}

function openWorker(failed: (error: Error) => void): Connection<Worked> {
  const worker = new Worker(new URL("../worker/worker.ts", import.meta.url), {
    type: "module",
    name: "patchbay",
  });
  worker.addEventListener("error", (event) => {
    // Only a reload finds the script where the site has another version by now.
    failed(
      event.message
        ? new NamedError("WorkerError", `The page's worker stopped (${event.message}). Run again.`, {
            restart: true,
          })
        : new NamedError(
            "WorkerError",
            "The page's worker stopped (its script could not be loaded). Run again, or reload the page.",
            { reload: true },
          ),
    );
  });
  return { remote: Comlink.wrap<Remote>(worker), close: () => worker.terminate() };
}
