// What the page is told while a model is read.

import { every, Rate } from "../door/pace.ts";
import type { LoadStep, Report } from "../door/protocol.ts";
import type { FileProgress } from "../files/model-files.ts";

interface Reporting {
  device: "cpu" | "gpu";
  report: Report;
}

/** A file's progress for the page: not too often, with its rate. */
export class FileReports {
  readonly #reading: Reporting;
  readonly #tensor: () => string;
  readonly #now = every(100);
  readonly #rate = new Rate();

  constructor(reading: Reporting, tensor: () => string) {
    this.#reading = reading;
    this.#tensor = tensor;
  }

  add({ stage, name, done, total, retry }: FileProgress): void {
    const streams = stage === "download" || stage === "read";
    if (streams) this.#rate.at(stage, done);
    if (streams && !this.#now()) return;
    const rate = streams ? this.#rate.perSecond() : null;
    this.#reading.report({
      phase: "load",
      stage,
      what: name,
      done,
      // The announced size of a compressed body may be less than there is.
      total: total !== null && done > total ? null : total,
      rate,
      tensor: this.#tensor(),
      uploads: this.#reading.device === "gpu",
      retry,
    });
  }
}

export function say({ report }: Pick<Reporting, "report">, stage: LoadStep["stage"], what: string): void {
  const nothing = { done: 0, total: null, rate: null, tensor: "", uploads: false, retry: null };
  report({ phase: "load", stage, what, ...nothing });
}
