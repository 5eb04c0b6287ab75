// What panels measure by themselves, and what they say of what they are asked for.

import type { DatasetSpec } from "../../pkg/cpu/patchbay.js";
import { byId } from "../dom.ts";
import { messageOf } from "../errors.ts";
import type { Runs } from "../run.ts";
import type { Shown } from "../shown.ts";
import { cancelled, type Task } from "../task.ts";

export const BUSY = "Something is running. Cancel it, or wait for its end.";

/** The same work, whose failure is said in the panel too: the page's own message may be far above. */
export const toldIn =
  (status: HTMLElement, work: (task: Task) => Promise<void>) =>
  async (task: Task): Promise<void> => {
    try {
      await work(task);
    } catch (error) {
      status.textContent = messageOf(error);
      throw error;
    }
  };

/** Models of so many layers answer at once. */
export const SMALL_LAYERS = 4;
/** What is measured of them unasked takes about as long as the run did. */
const SMALL_PROMPTS = 300;

export const isSmall = ({ model, result }: Shown): boolean =>
  model.n_layer <= SMALL_LAYERS && promptsOf(result.spec.dataset) <= SMALL_PROMPTS;

const promptsOf = ({ n, prompts }: DatasetSpec): number => prompts?.length ?? n;

/** One thing at a time that a panel does unasked; dropped for the next, and where Run is pressed. */
export class Unasked {
  readonly #runs: Runs;
  #current: AbortController | null = null;

  constructor(runs: Runs) {
    this.#runs = runs;
    // Who presses Run does not wait for what the page does by itself.
    byId("form", HTMLFormElement).addEventListener("submit", () => this.drop());
  }

  /** Does it when nothing else is done. Fails as `work` does, but what was dropped ends in silence. */
  async begin(work: (task: Task) => Promise<void>): Promise<void> {
    this.drop();
    const mine = new AbortController();
    this.#current = mine;
    try {
      await this.#runs.look(async (task) => {
        const signal = AbortSignal.any([task.signal, mine.signal]);
        signal.throwIfAborted();
        await work({ ...task, signal });
      });
    } catch (error) {
      if (this.#current === mine) throw error;
    } finally {
      if (this.#current === mine) this.#current = null;
    }
  }

  drop(): void {
    this.#current?.abort(cancelled());
    this.#current = null;
  }
}
