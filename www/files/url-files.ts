// The files at a URL, from this browser's storage as far as they are kept there, and from the network for what is missing;
// those of this site are kept with it.

import { fileUrl, requestUrl } from "../door/sources.ts";
import { chunksOf } from "./body.ts";
import { checkPin, checkSize, endsEarly, otherSize } from "./checks.ts";
import { type Answer, ask, headOf } from "./download.ts";
import { isWeights, WEIGHTS } from "./file-names.ts";
import type { FileJob, ModelFiles } from "./model-files.ts";
import { type FetchedSource, pinOf } from "./pins.ts";
import { Retries } from "./retries.ts";
import { Differs, OVERLAP, Seen } from "./seen.ts";
import type { FileOrigin } from "./storage/journal.ts";
import { Keeping } from "./storage/keeping.ts";
import type { ModelFolder, Unstorable } from "./storage/store.ts";
import { noTime, timed, timedAsync, timedChunks } from "./times.ts";
import { StartOver, Transient, Unplaced } from "./transient.ts";
import { isSame, isTold, NO_VERSION, type Version } from "./versions.ts";

export class UrlFiles implements ModelFiles {
  readonly times = noTime();
  readonly #source: FetchedSource;
  readonly #keeping: Keeping;
  readonly #retries = new Map<string, Retries>();
  /** Of these, no part can be asked for. */
  readonly #onlyWhole = new Set<string>();
  #from: "network" | "storage" = "storage";

  /** `folder`: null for what need not be kept here. */
  constructor(source: FetchedSource, folder: ModelFolder | Unstorable | null) {
    this.#source = source;
    this.#keeping = new Keeping(folder, this.times);
  }

  get from(): "site" | "network" | "storage" {
    return this.#source.kind === "site" ? "site" : this.#from;
  }

  get unstored(): string | null {
    return this.#keeping.unstored;
  }

  async *read(job: FileJob): AsyncGenerator<Uint8Array, void> {
    const { name, hash, report } = job;
    const kept = await this.#keeping.usable(name);
    const seen = new Seen();
    if (kept !== null) {
      // Weights that are still to come may be a later model's than small files that are there.
      if (!isWeights(name) && this.#weightsKept === 0) this.#keeping.clear(kept);
      const total = kept.origin?.size ?? null;
      for (const chunk of this.#keeping.read(kept, name, hash)) {
        job.signal.throwIfAborted();
        seen.add(chunk, hash);
        report({ stage: "read", name, done: seen.bytes, total, retry: null });
        yield chunk;
      }
    }
    if (kept?.complete) this.#checkPin(job, seen.bytes);
    else yield* this.#download(job, seen);
  }

  discard(names?: readonly string[]): void {
    this.#keeping.discard(names);
  }

  kept(): string {
    return this.#keeping.words;
  }

  async has(name: string, { ask = false } = {}): Promise<boolean | null> {
    if (await this.#keeping.has(name)) return true;
    return ask ? (await headOf(requestUrl(this.#source, name)))?.ok === true : null;
  }

  /** Of weights, in bytes. Infinity where their hash is known: they cannot be another model's. */
  get #weightsKept(): number {
    if (pinOf(this.#source, WEIGHTS) !== null) return Number.POSITIVE_INFINITY;
    return this.#keeping.weightsKept;
  }

  /** What is not yet there. */
  async *#download(job: FileJob, seen: Seen): AsyncGenerator<Uint8Array, void> {
    const { name, hash } = job;
    const retries = this.#retriesOf(job);
    let version = this.#keeping.origin(name) ?? NO_VERSION;
    try {
      // A crash may have come between the last byte and the line that says so.
      while (seen.bytes !== job.promised()) {
        try {
          const answer = await this.#answer(job, seen, version, retries);
          this.#from = "network";
          const before = seen.bytes;
          await this.#check(job, before, answer);
          if (answer.start === "first byte") version = answer.version;
          yield* this.#take(job, seen, answer, version.size);
          if (this.#isWhole(job, seen, version.size, before)) break;
        } catch (error) {
          this.#keeping.vouch(name, hash);
          // All bytes are there, however the transfer ended.
          if (error instanceof Transient && seen.bytes === job.promised()) break;
          await this.#prepareNext(job, seen, error, retries);
        }
      }
    } finally {
      // However it ends, also by whoever takes the chunks.
      this.#keeping.vouch(name, hash);
    }
    this.#checkPin(job, seen.bytes);
    this.#keeping.vouch(name, hash, { complete: true });
  }

  /** The answer's bytes that are new, once those before them are known to be the same. */
  async *#take(
    job: FileJob,
    seen: Seen,
    answer: Answer,
    total: number | null,
  ): AsyncGenerator<Uint8Array, void> {
    const { name, hash, report } = job;
    for await (const chunk of this.#following(job, seen, answer)) {
      timed(this.times, "hash", () => hash.update(chunk));
      seen.add(chunk, hash);
      this.#keeping.append(name, chunk, hash);
      report({ stage: "download", name, done: seen.bytes, total, retry: null });
      yield chunk;
      const promised = job.promised() ?? Number.POSITIVE_INFINITY;
      // The loader has taken the header for one of this model.
      if (isWeights(name) && Number.isFinite(promised)) this.#keeping.settle();
      // What is compressed may be announced a little longer than it is.
      if (total !== null && total > promised * 1.001 + 64) throw otherSize(job, total);
    }
  }

  async *#following(job: FileJob, seen: Seen, answer: Answer): AsyncGenerator<Uint8Array, void> {
    const chunks = timedChunks(chunksOf(answer.body, job.signal), this.times, "network");
    if (answer.start !== "first byte") return yield* seen.afterTail(chunks);
    if (seen.bytes === 0) return yield* chunks;
    const fresh = job.newHash();
    try {
      yield* seen.afterAll(chunks, job.hash, fresh, () =>
        this.#keeping.goOnFrom(job.name, this.#originOf(answer, job.promised())),
      );
    } finally {
      fresh.free();
    }
  }

  /** After the end of an answer that came when there were `before` bytes. */
  #isWhole(job: FileJob, { bytes }: Seen, total: number | null, before: number): boolean {
    const promised = job.promised();
    if (promised === null || bytes >= promised) return true;
    if (total === null || bytes < total) throw new Transient(`the answer ended after ${bytes} bytes`);
    // What is all there is too little. Before its header is whole, the loader says so.
    if (!Number.isFinite(promised)) return true;
    if (before === 0) throw otherSize(job, bytes);
    this.#keeping.vouch(job.name, job.hash);
    throw endsEarly(job, bytes, this.kept());
  }

  /** After what went wrong with one answer. Throws where there is no next one. */
  async #prepareNext(job: FileJob, seen: Seen, error: unknown, retries: Retries): Promise<void> {
    const { name, signal } = job;
    if (error instanceof Transient) return retries.pause(error, seen.bytes, this.kept(), signal);
    if (error instanceof Unplaced) {
      this.#onlyWhole.add(name);
      return;
    }
    if (error instanceof Differs || error instanceof StartOver) {
      await retries.startOver(error.message, this.kept(), signal);
      // Another file may mean another model: the small files come anew as well.
      this.#keeping.supersede();
      throw new StartOver(error.message);
    }
    throw error;
  }

  /** The file's rest with some bytes before it, or all of it where that would prove nothing. */
  async #answer(job: FileJob, seen: Seen, version: Version, retries: Retries): Promise<Answer> {
    const { name, signal } = job;
    const promised = job.promised();
    const pinned = pinOf(this.#source, name) !== null;
    // Nobody knows where a part belongs of a file without a size of its own, which may be compressed.
    const asPart = seen.bytes > OVERLAP && promised !== null && (pinned || isTold(version));
    const whole = !asPart || this.#onlyWhole.has(name) || retries.restMayBeRefused;
    const from = whole ? 0 : seen.bytes - OVERLAP;
    const size = sizeOf(promised, version);
    const url = requestUrl(this.#source, name);
    const shown = fileUrl(this.#source.base, name);
    const asked = { url, shown, name, from, version: { ...version, size }, pinned, signal };
    const answer = await timedAsync(this.times, "network", () => ask(asked));
    if (answer.start !== "seen" || seen.isPlace) return answer;
    await answer.body.cancel().catch(() => undefined);
    throw new Unplaced("the server does not let this page see which part of the file it sends");
  }

  #retriesOf({ name, report }: FileJob): Retries {
    const known = this.#retries.get(name);
    if (known !== undefined) return known;
    const what = `${name} from ${fileUrl(this.#source.base, name)}`;
    const retries = new Retries(what, (retry) =>
      report({ stage: "retry", name, done: 0, total: null, retry }),
    );
    this.#retries.set(name, retries);
    return retries;
  }

  #checkPin(job: FileJob, done: number): void {
    checkPin(this.#source, job, done, () => this.#keeping.discard([job.name]));
  }

  /** Whether the answer may be taken. `before`: bytes that are there; with none, the file begins with it. */
  async #check(job: FileJob, before: number, answer: Answer): Promise<void> {
    try {
      checkSize(this.#source, job, answer, this.kept());
      if (before > 0) return;
      this.#checkVersion(job, answer);
    } catch (error) {
      await answer.body.cancel().catch(() => undefined);
      throw error;
    }
    await this.#keeping.begin(job.name, this.#originOf(answer, job.promised()));
  }

  /** A small file comes anew, as after damage: weights that are kept may be an earlier model's. */
  #checkVersion({ name }: FileJob, { version }: Answer): void {
    if (isWeights(name)) return;
    const kept = this.#weightsKept;
    if (kept === 0 || kept === Number.POSITIVE_INFINITY) return;
    if (isSame(this.#keeping.origin(name) ?? NO_VERSION, version)) return;
    throw new StartOver(`${name} on the server may be another model's than the weights that are kept`);
  }

  #originOf({ version }: Answer, promised: number | null): FileOrigin {
    const { id, base, revision } = this.#source;
    const size = sizeOf(promised, version);
    return { id, base, revision, ...version, size };
  }
}

/** The file's own word counts, once there is one. */
function sizeOf(promised: number | null, { size }: Version): number | null {
  return promised !== null && Number.isFinite(promised) ? promised : size;
}
