// The page's side of the worker: the same calls, with errors thrown again, and an end to every call even when the
// worker dies.

import * as Comlink from "comlink";
import type {
  AttentionResult,
  DatasetSpec,
  DecompositionResult,
  ExperimentInfo,
  ExperimentSpec,
  NearestTokens,
  Preview,
  PromptView,
  ResemblanceResult,
  SweepResult,
} from "../pkg/cpu/patchbay.js";
import { CANCELLED, errorOf, NamedError, type Outcome } from "./errors.ts";
import { Lifeline } from "./lifeline.ts";
import type {
  AttentionRequest,
  DatasetRequest,
  DecomposeRequest,
  NearestRequest,
  Remote,
  Report,
  ResemblanceRequest,
  RunReply,
  RunRequest,
  ShowSweep,
  StorageReport,
  SweepRequest,
} from "./protocol.ts";

/** With the rest of a cancel, well within what feels immediate. */
const PATIENCE_MS = 150;

export class Lab {
  readonly #remote: Comlink.Remote<Remote>;
  readonly #lifeline = new Lifeline();
  #abandon: () => void = () => undefined;

  constructor() {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "patchbay" });
    this.#remote = Comlink.wrap<Remote>(worker);
    worker.addEventListener("error", (event) => {
      const why = event.message || "its script could not be loaded";
      const message = `The page's worker stopped (${why}). Reload the page to go on.`;
      this.#lifeline.die(new NamedError("WorkerError", message, { reload: true }));
    });
  }

  /** The notebook's settings. */
  defaults(): Promise<ExperimentSpec> {
    return this.#answer(() => this.#remote.defaults());
  }

  experiments(): Promise<ExperimentInfo[]> {
    return this.#answer(() => this.#remote.experiments());
  }

  /** Throws the error that says where a flip cannot be read. */
  checkFlip(text: string): Promise<void> {
    return this.#answer(() => this.#remote.checkFlip(text));
  }

  preview(spec: DatasetSpec, flip: string, count: number): Promise<Preview> {
    return this.#answer(() => this.#remote.preview(spec, flip, count));
  }

  run(request: RunRequest, report: Report): Promise<RunReply> {
    return this.#cancellable(() => this.#remote.run(request, Comlink.proxy(report)));
  }

  /** `show` gets what is there so far, now and then. */
  sweep(request: SweepRequest, report: Report, show: ShowSweep): Promise<SweepResult> {
    return this.#cancellable(() => this.#remote.sweep(request, Comlink.proxy(report), Comlink.proxy(show)));
  }

  /** The head's attention on one prompt. */
  attention(request: AttentionRequest, report: Report): Promise<AttentionResult> {
    return this.#cancellable(() => this.#remote.attention(request, Comlink.proxy(report)));
  }

  /** What each component contributes to the head's score. */
  decompose(request: DecomposeRequest, report: Report): Promise<DecompositionResult> {
    return this.#cancellable(() => this.#remote.decompose(request, Comlink.proxy(report)));
  }

  /** The tokens whose embeddings are nearest. */
  nearest(request: NearestRequest, report: Report): Promise<NearestTokens[]> {
    return this.#cancellable(() => this.#remote.nearest(request, Comlink.proxy(report)));
  }

  /** How much names' effective embeddings are what the head's key reads. */
  resemblance(request: ResemblanceRequest, report: Report): Promise<ResemblanceResult> {
    return this.#cancellable(() => this.#remote.resemblance(request, Comlink.proxy(report)));
  }

  /** The prompts as the model reads them. */
  async dataset(request: DatasetRequest, report: Report): Promise<readonly PromptView[]> {
    const prompts: PromptView[] = [];
    // A few hundred texts are all the tokens there are. Each a string of its own, half a million would hold the page up when
    // memory is tidied.
    const texts = new Map<string, string>();
    const shared = (text: string) => {
      const known = texts.get(text) ?? text;
      texts.set(known, known);
      return known;
    };
    const take = (next: PromptView[]) => {
      for (const { tokens, flipped } of next)
        for (const line of [tokens, flipped?.tokens ?? []])
          line.forEach((token, at) => {
            line[at] = shared(token);
          });
      prompts.push(...next);
    };
    await this.#cancellable(() => this.#remote.dataset(request, Comlink.proxy(report), Comlink.proxy(take)));
    return prompts;
  }

  #cancellable<T>(call: () => Promise<Outcome<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon = () =>
        reject(
          new NamedError(CANCELLED, "Cancelled. The step under way still ends; the next run waits for it."),
        );
      this.#answer(call).then(resolve, reject);
    });
  }

  /** Ends the run, which can say what it keeps; but the page does not wait for what cannot stop at once. */
  cancel(): void {
    void this.#remote.cancel();
    setTimeout(this.#abandon, PATIENCE_MS);
  }

  /** What this browser's storage holds. */
  stored(): Promise<StorageReport> {
    return this.#answer(() => this.#remote.stored());
  }

  /** Deletes a stored model. Throws while a tab is reading it. */
  forget(key: string): Promise<void> {
    return this.#answer(() => this.#remote.forget(key));
  }

  async #answer<T>(call: () => Promise<Outcome<T>>): Promise<T> {
    const outcome = await this.#lifeline.guard(call);
    if (!outcome.ok) throw errorOf(outcome.problem);
    return outcome.value;
  }
}
