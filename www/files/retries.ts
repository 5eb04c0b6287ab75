// How often a download is tried again, and when.

import { NamedError } from "../door/errors.ts";
import type { Retry } from "../door/protocol.ts";
import { unlessAborted } from "../door/work.ts";
import type { Transient } from "./transient.ts";

/** Tries without progress. */
const TRIES = 5;
/** So many answers in a row that the page may not read are enough of them. */
const UNREADABLE_TRIES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** So much more of a file than ever before is progress. */
const PROGRESS_BYTES = 1 << 20;

export class Retries {
  readonly #what: string;
  readonly #report: (retry: Retry) => void;
  #failures = 0;
  #startsOver = 0;
  #unreadable = 0;
  #furthest = 0;

  /** `what` is the file and its address. */
  constructor(what: string, report: (retry: Retry) => void) {
    this.#what = what;
    this.#report = report;
  }

  /** Waits for the next try at byte `at`. Throws when there is none; `kept` says what of the file stays. */
  async pause(failure: Transient, at: number, kept: string, signal: AbortSignal): Promise<void> {
    this.#count(at);
    this.#unreadable = failure.unreadable ? this.#unreadable + 1 : 0;
    // Once or twice may be connections that broke just then.
    if (at === 0 && this.#unreadable >= UNREADABLE_TRIES) {
      throw downloadError(
        `Could not fetch ${this.#what}: ${failure.message} (tried ${this.#failures} times). It either is failing or does not allow this page to read its files (CORS): it must send Access-Control-Allow-Origin. Or save the files and pick their folder.`,
      );
    }
    if (this.#failures >= TRIES) {
      throw downloadError(
        `Could not fetch ${this.#what}: ${failure.message} (tried ${TRIES} times). Check the connection, and the address if it was typed. ${kept}`,
      );
    }
    if (failure.after !== null && failure.after > LONGEST_PAUSE_MS) {
      const seconds = Math.ceil(failure.after / 1000);
      throw downloadError(
        `Could not fetch ${this.#what}: ${failure.message} and asks to wait ${seconds} s. Run again after that. ${kept}`,
      );
    }
    // A little off the beat, so that many pages do not come back all at once.
    const usual = FIRST_PAUSE_MS * 2 ** (this.#failures - 1) * (0.8 + 0.4 * Math.random());
    await this.#wait(failure.message, Math.max(failure.after ?? 0, usual), signal);
  }

  /** Whether it may only be the rest of a file that the page is not allowed to ask for: true for one try. */
  get restMayBeRefused(): boolean {
    return this.#unreadable === UNREADABLE_TRIES;
  }

  /** To be called before the file is fetched anew from its first byte, which must not go on for ever either. */
  async startOver(why: string, kept: string, signal: AbortSignal): Promise<void> {
    // Not a failure: the last of all tries may have brought what there is to start over with.
    this.#startsOver += 1;
    this.#unreadable = 0;
    if (this.#startsOver >= TRIES) {
      throw downloadError(`Could not fetch ${this.#what}: ${why} (tried ${TRIES} times). ${kept}`);
    }
    await this.#wait(`${why}; starting over`, this.#startsOver === 1 ? 0 : FIRST_PAUSE_MS, signal);
  }

  #count(at: number): void {
    if (at >= this.#furthest + PROGRESS_BYTES) this.#failures = 0;
    this.#furthest = Math.max(this.#furthest, at);
    this.#failures += 1;
  }

  async #wait(why: string, ms: number, signal: AbortSignal): Promise<void> {
    this.#report({ why, attempt: this.#failures + 1, of: TRIES, ms });
    await unlessAborted(new Promise((done) => setTimeout(done, ms)), signal);
  }
}

function downloadError(message: string): NamedError {
  return new NamedError("DownloadError", message.trim(), { again: true });
}
