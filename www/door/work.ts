// What work of the worker's has with it: where it says how far it is, and how it is cancelled. A cancel belongs to the
// work and not to whatever the worker does at that moment, so that it holds as well before, after and between calls.

import { CANCELLED, NamedError } from "./errors.ts";
import type { Report } from "./protocol.ts";

export interface Work {
  signal: AbortSignal;
  report: Report;
  /** Nothing has come for so many seconds; it is given up when `left` more have gone by. */
  silent: (seconds: number, left: number) => void;
}

export const cancelled = (message = "Cancelled."): NamedError => new NamedError(CANCELLED, message);

/** What `work` gives, unless `signal` comes first and `work` has not ended `patience` milliseconds later: then `error()`. */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  { patience = 0, error = (): unknown => signal.reason } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abandon = () => setTimeout(() => reject(error()), patience);
    if (signal.aborted) abandon();
    else signal.addEventListener("abort", abandon, { once: true });
    work.finally(() => signal.removeEventListener("abort", abandon)).then(resolve, reject);
  });
}
