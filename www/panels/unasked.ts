// What panels measure by themselves, and what they say of what they are asked for.

import type { DatasetSpec } from "../../pkg/cpu/patchbay.js";
import { byId } from "../dom.ts";
import { messageOf } from "../errors.ts";
import type { Lab } from "../lab.ts";
import type { Report } from "../protocol.ts";
import type { Runs } from "../run.ts";
import type { Shown } from "../shown.ts";

export const BUSY = "Something is running. Cancel it, or wait for its end.";

/** The same work, whose failure is said in the panel too: the page's own message may be far above. */
export const toldIn =
  (status: HTMLElement, work: (report: Report) => Promise<void>) =>
  async (report: Report): Promise<void> => {
    try {
      await work(report);
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
  readonly #lab: Lab;
  readonly #runs: Runs;
  #current: { begun: boolean } | null = null;

  constructor(lab: Lab, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    // Who presses Run does not wait for what the page does by itself.
    byId("form", HTMLFormElement).addEventListener("submit", () => this.drop());
  }

  /** Does it when nothing else is done. Fails as `work` does, but what was dropped ends in silence. */
  async begin(work: (report: Report) => Promise<void>): Promise<void> {
    this.drop();
    const mine = { begun: false };
    this.#current = mine;
    try {
      await this.#runs.look(async (report) => {
        if (this.#current !== mine) return;
        mine.begun = true;
        await work(report);
      });
    } catch (error) {
      if (this.#current === mine) throw error;
    } finally {
      if (this.#current === mine) this.#current = null;
    }
  }

  drop(): void {
    if (this.#current?.begun) this.#lab.cancel();
    this.#current = null;
  }
}
