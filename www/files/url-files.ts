// The files at a URL, from this browser's storage as far as they are kept there, and from the network for what is missing;
// those of this site are kept with it.

import { fileUrl, MODEL_FILES, type ModelFile, requestUrl } from "../sources.ts";
import { checkPin, checkSize, otherSize } from "./checks.ts";
import { type Answer, ask, chunksOf, isSame, StartOver, Transient, type Version } from "./download.ts";
import { Keeping } from "./keeping.ts";
import { type FileJob, type ModelFiles, WEIGHTS } from "./model-files.ts";
import { type FetchedSource, pinOf } from "./pins.ts";
import { Retries } from "./retries.ts";
import type { ModelFolder, Unstorable } from "./store.ts";
import { noTime, timed, timedAsync, timedChunks } from "./times.ts";

const NO_VERSION: Version = { etag: null, modified: null, size: null };

export class UrlFiles implements ModelFiles {
  readonly times = noTime();
  readonly #source: FetchedSource;
  readonly #keeping: Keeping;
  readonly #retries = new Map<ModelFile, Retries>();
  /** What a server sent from its first byte, unasked. */
  readonly #whole = new Map<ModelFile, Answer>();
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
    const kept = await this.#keeping.file(name);
    let done = 0;
    if (kept !== null) {
      // Weights that are still to come may be a later model's than small files that are there.
      if (name !== WEIGHTS && (await this.#weightsKept()) === 0) this.#keeping.clear(kept);
      const total = kept.origin?.size ?? null;
      for (const chunk of this.#keeping.read(kept, name, hash)) {
        job.signal.throwIfAborted();
        done += chunk.byteLength;
        report({ stage: "read", name, done, total, retry: null });
        yield chunk;
      }
    }
    if (kept?.complete) this.#checkPin(job, done);
    else yield* this.#download(job, done);
  }

  discard(names: readonly ModelFile[] = MODEL_FILES): void {
    this.#keeping.discard(names);
  }

  kept(): string {
    return this.#keeping.words;
  }

  /** Of model.safetensors, in bytes. Infinity where its hash is known: it cannot be another model's. */
  async #weightsKept(): Promise<number> {
    if (pinOf(this.#source, WEIGHTS) !== null) return Number.POSITIVE_INFINITY;
    return (await this.#keeping.file(WEIGHTS))?.bytes ?? 0;
  }

  async close(): Promise<void> {
    for (const { body } of this.#whole.values()) await body.cancel().catch(() => undefined);
    this.#whole.clear();
  }

  /** The rest of the file, of which `done` bytes have been read. */
  async *#download(job: FileJob, done: number): AsyncGenerator<Uint8Array, void> {
    const { name, signal, hash, report } = job;
    const retries = this.#retriesOf(job);
    let version: Version | null = done > 0 ? this.#keeping.origin(name) : null;
    try {
      // A crash may have come between the last byte and the line that says so.
      while (done !== (job.promised() ?? version?.size)) {
        try {
          const answer = await this.#answer(job, done, version, retries);
          this.#from = "network";
          if (done === 0) {
            await this.#checkVersion(job, answer);
            version = answer.version;
            await this.#begin(job, answer);
          }
          const total = version?.size ?? null;
          for await (const chunk of timedChunks(chunksOf(answer.body, signal), this.times, "network")) {
            timed(this.times, "hash", () => hash.update(chunk));
            done += chunk.byteLength;
            this.#keeping.append(name, chunk, hash);
            report({ stage: "download", name, done, total, retry: null });
            yield chunk;
            if (total !== null && total > (job.promised() ?? total)) throw otherSize(job, total);
          }
          const promised = job.promised();
          if (promised === null || done >= promised) break;
          if (total === null || done < total) throw new Transient(`the answer ended after ${done} bytes`);
          // What is all there is too little. Before its header is whole, the loader says so.
          if (Number.isFinite(promised)) throw otherSize(job, done);
          break;
        } catch (error) {
          if (!(error instanceof Transient)) throw error;
          this.#keeping.vouch(name, hash);
          // All bytes are there, however the transfer ended.
          if (done === job.promised()) break;
          await retries.pause(error, done, this.kept(), signal);
        }
      }
    } catch (error) {
      if (error instanceof StartOver) await this.#startOver(job, error, retries);
      throw error;
    } finally {
      // However it ends, also by whoever takes the chunks.
      this.#keeping.vouch(name, hash);
    }
    this.#checkPin(job, done);
    this.#keeping.vouch(name, hash, { complete: true });
  }

  /** The file from byte `done` on. */
  async #answer(job: FileJob, done: number, version: Version | null, retries: Retries): Promise<Answer> {
    const { name, signal } = job;
    const whole = this.#whole.get(name);
    this.#whole.delete(name);
    if (whole !== undefined) return whole;
    const all = done > 0 && retries.restMayBeRefused;
    const url = requestUrl(this.#source, name);
    const pinned = pinOf(this.#source, name) !== null;
    const asked = { url, name, from: all ? 0 : done, version: version ?? NO_VERSION, pinned, signal };
    const answer = await timedAsync(this.times, "network", () => ask(asked));
    if (all) throw new StartOver("the server does not let this page ask for the rest of a file", answer);
    return answer;
  }

  /** A small file comes anew, as after damage: weights that are kept may be an earlier model's. */
  async #checkVersion({ name }: FileJob, answer: Answer): Promise<void> {
    if (name === WEIGHTS) return;
    const kept = await this.#weightsKept();
    if (kept === 0 || kept === Number.POSITIVE_INFINITY) return;
    if (isSame(this.#keeping.origin(name) ?? NO_VERSION, answer.version)) return;
    throw new StartOver(
      `${name} on the server may be another model's than the weights that are kept`,
      answer,
    );
  }

  /** Drops what is kept, unless what came instead of it cannot be the file. */
  async #startOver(job: FileJob, { message, whole }: StartOver, retries: Retries): Promise<void> {
    try {
      if (whole !== null) checkSize(this.#source, job, whole, this.kept());
      await retries.startOver(message, this.kept(), job.signal);
    } catch (error) {
      await whole?.body.cancel().catch(() => undefined);
      throw error;
    }
    // Another file may mean another model: the small files come anew as well.
    this.discard();
    if (whole !== null) this.#whole.set(job.name, whole);
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

  async #begin(job: FileJob, answer: Answer): Promise<void> {
    const { version, body } = answer;
    try {
      checkSize(this.#source, job, answer, this.kept());
    } catch (error) {
      await body.cancel().catch(() => undefined);
      throw error;
    }
    const { id, base, revision } = this.#source;
    await this.#keeping.begin(job.name, { id, base, revision, ...version });
  }
}
