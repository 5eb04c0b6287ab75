// A model's files as bytes that have been checked, whatever they come from: this browser's storage, then the network
// for what is missing there; or this site; or the folder that was picked.

import { isNamed, messageOf, NamedError } from "../errors.ts";
import { bytes as inBytes } from "../format.ts";
import type { LoadTimes, Retry } from "../protocol.ts";
import { fileUrl, MODEL_FILES, type ModelFile, type ModelSource } from "../sources.ts";
import { type Answer, ask, chunksOf, isSame, StartOver, Transient, type Version } from "./download.ts";
import type { FileOrigin } from "./journal.ts";
import type { Hash, KeptFile } from "./kept-file.ts";
import { type FetchedSource, pinOf } from "./pins.ts";
import { Retries } from "./retries.ts";
import { type ModelFolder, Unstorable, whyUnwritable } from "./store.ts";

const WEIGHTS = "model.safetensors";

export interface FileProgress {
  stage: "download" | "read" | "retry" | "verify";
  name: ModelFile;
  done: number;
  /** As announced. */
  total: number | null;
  retry: Retry | null;
}

export interface FileJob {
  name: ModelFile;
  signal: AbortSignal;
  hash: Hash;
  /**
   * The size by the file's own account: Infinity while that is still to come, null for a file that has none, whose end is
   * wherever the bytes end.
   */
  promised: () => number | null;
  report: (progress: FileProgress) => void;
}

export interface ModelFiles {
  /** The file's bytes in order; each chunk is only good until the next one. At the end they are what they should be. */
  read(job: FileJob): AsyncGenerator<Uint8Array, void>;
  /** Keeps nothing of the files, or of these: they turned out to be no model, or another version of it. */
  discard(names?: readonly ModelFile[]): void;
  /** What is kept of a file, in words; "" for nothing. */
  kept(): string;
  /** Lets go of what was begun and is not read. */
  close(): Promise<void>;
  readonly from: "site" | "network" | "storage" | "folder";
  /** Why the files are not kept, where they should be. */
  readonly unstored: string | null;
  readonly times: LoadTimes;
}

export function noTime(): LoadTimes {
  return { network: 0, storage: 0, hash: 0, process: 0 };
}

/** Adds the time that `work` takes. */
export function timed<T>(times: LoadTimes, what: keyof LoadTimes, work: () => T): T {
  const start = performance.now();
  try {
    return work();
  } finally {
    times[what] += performance.now() - start;
  }
}

/** The same for every chunk that is waited for. */
async function* timedChunks(
  chunks: AsyncIterable<Uint8Array>,
  times: LoadTimes,
  what: keyof LoadTimes,
): AsyncGenerator<Uint8Array, void> {
  let start = performance.now();
  for await (const chunk of chunks) {
    times[what] += performance.now() - start;
    yield chunk;
    start = performance.now();
  }
}

/** The files of a picked folder. */
export class FolderFiles implements ModelFiles {
  readonly from = "folder";
  readonly unstored = null;
  readonly times = noTime();
  readonly #files: Record<ModelFile, File>;

  constructor(source: Extract<ModelSource, { kind: "folder" }>) {
    this.#files = source.files;
  }

  async *read({ name, signal, hash, report }: FileJob): AsyncGenerator<Uint8Array, void> {
    const file = this.#files[name];
    let done = 0;
    try {
      for await (const chunk of timedChunks(chunksOf(file.stream(), signal), this.times, "storage")) {
        timed(this.times, "hash", () => hash.update(chunk));
        done += chunk.byteLength;
        report({ stage: "read", name, done, total: file.size, retry: null });
        yield chunk;
      }
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      // The browser refuses a file that is not as it was when it was picked.
      throw new NamedError(
        "DownloadError",
        `${name} could not be read from the picked folder: expected ${file.size} bytes, found ${done} (${error.message}). It may have changed since: pick the folder again.`,
        { field: "model" },
      );
    }
  }

  discard(): void {}

  kept(): string {
    return "";
  }

  async close(): Promise<void> {}
}

/** The files at a URL, kept in this browser's storage where that is possible; those of this site are kept with it. */
export class UrlFiles implements ModelFiles {
  readonly times = noTime();
  readonly #source: FetchedSource;
  /** Null for what need not be kept here. */
  readonly #folder: ModelFolder | Unstorable | null;
  readonly #open = new Map<ModelFile, KeptFile>();
  readonly #retries = new Map<ModelFile, Retries>();
  /** What a server sent from its first byte, unasked. */
  readonly #whole = new Map<ModelFile, Answer>();
  #from: "network" | "storage" = "storage";
  #unstored: string | null = null;

  constructor(source: FetchedSource, folder: ModelFolder | Unstorable | null) {
    this.#source = source;
    this.#folder = folder;
  }

  get from(): "site" | "network" | "storage" {
    return this.#source.kind === "site" ? "site" : this.#from;
  }

  get unstored(): string | null {
    return this.#unstored;
  }

  async *read(job: FileJob): AsyncGenerator<Uint8Array, void> {
    const { name, hash, report } = job;
    const kept = await this.#file(name);
    let done = 0;
    if (kept !== null) {
      // Weights that are still to come may be a later model's than small files that are there.
      if (name !== WEIGHTS && (await this.#weightsKept()) === 0) this.#writing(() => kept.clear());
      const total = kept.origin?.size ?? null;
      for (const chunk of this.#timedRead(kept, name, hash)) {
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
    for (const name of names) this.#open.get(name)?.clear();
  }

  kept(): string {
    const kept = this.#open.get(WEIGHTS);
    if (kept === undefined || kept.bytes === 0 || kept.complete) return "";
    const size = kept.origin?.size ?? null;
    const share = size === null ? inBytes(kept.bytes) : `${inBytes(kept.bytes)} of ${inBytes(size)}`;
    return `${share} of model.safetensors are kept; the next run goes on from there.`;
  }

  /** Of model.safetensors, in bytes. Infinity where its hash is known: it cannot be another model's. */
  async #weightsKept(): Promise<number> {
    if (pinOf(this.#source, WEIGHTS) !== null) return Number.POSITIVE_INFINITY;
    return (await this.#file(WEIGHTS))?.bytes ?? 0;
  }

  async close(): Promise<void> {
    for (const { body } of this.#whole.values()) await body.cancel().catch(() => undefined);
    this.#whole.clear();
  }

  /** Opens the file, once. Null where files cannot be kept. */
  async #file(name: ModelFile): Promise<KeptFile | null> {
    if (this.#folder === null || this.#unstored !== null) return null;
    if (this.#folder instanceof Unstorable) {
      this.#notKept(this.#folder.message);
      return null;
    }
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    try {
      const opened = await this.#folder.file(name);
      this.#open.set(name, opened);
      return opened;
    } catch (error) {
      this.#notKept(whyUnwritable(error));
      return null;
    }
  }

  /** Nothing more is written from now on. */
  #notKept(why: string): void {
    const bytes = this.#open.get(WEIGHTS)?.bytes ?? 0;
    const what = bytes === 0 ? "This model is not" : `Only the first ${inBytes(bytes)} of this model are`;
    this.#unstored = `${what} kept for the next time: ${why}.`;
  }

  *#timedRead(kept: KeptFile, name: ModelFile, hash: Hash): Generator<Uint8Array, void> {
    // The hash is part of reading; its own time goes to its own account.
    const timedHash = {
      update: (bytes: Uint8Array) => timed(this.times, "hash", () => hash.update(bytes)),
      hex: () => hash.hex(),
    };
    const chunks = kept.read(name, timedHash);
    for (;;) {
      const hashed = this.times.hash;
      const { done, value } = timed(this.times, "storage", () => chunks.next());
      this.times.storage -= this.times.hash - hashed;
      if (done) return;
      yield value;
    }
  }

  /** The rest of the file, of which `done` bytes have been read. */
  async *#download(job: FileJob, done: number): AsyncGenerator<Uint8Array, void> {
    const { name, signal, hash, report } = job;
    const retries = this.#retriesOf(job);
    let version: Version | null = done > 0 ? (this.#open.get(name)?.origin ?? null) : null;
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
            this.#append(name, chunk, hash);
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
          this.#vouch(name, hash);
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
      this.#vouch(name, hash);
    }
    this.#checkPin(job, done);
    this.#vouch(name, hash, { complete: true });
  }

  /** The file from byte `done` on. */
  async #answer(job: FileJob, done: number, version: Version | null, retries: Retries): Promise<Answer> {
    const { name, signal } = job;
    const whole = this.#whole.get(name);
    this.#whole.delete(name);
    if (whole !== undefined) return whole;
    const all = done > 0 && retries.restMayBeRefused;
    const url = fileUrl(this.#source.base, name);
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
    if (isSame(this.#open.get(name)?.origin ?? NO_VERSION, answer.version)) return;
    throw new StartOver(
      `${name} on the server may be another model's than the weights that are kept`,
      answer,
    );
  }

  /** Drops what is kept, unless what came instead of it cannot be the file. */
  async #startOver(job: FileJob, { message, whole }: StartOver, retries: Retries): Promise<void> {
    try {
      if (whole !== null) this.#checkSize(job, whole);
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

  /** A known file of another size is another file; no need to read it to its end. */
  #checkSize({ name }: FileJob, { version: { size } }: Answer): void {
    const pin = pinOf(this.#source, name);
    if (pin === null || size === null || size === pin.size) return;
    throw new NamedError(
      "VerifyError",
      `${name} is not the file it should be: expected ${pin.size} bytes, the server announces ${size}. It was not taken; run again to fetch it again. ${this.kept()}`.trim(),
      { again: true },
    );
  }

  #checkPin({ name, hash, report }: FileJob, done: number): void {
    const pin = pinOf(this.#source, name);
    if (pin === null) return;
    report({ stage: "verify", name, done, total: done, retry: null });
    const found = hash.hex();
    if (found === pin.sha256) return;
    this.#open.get(name)?.clear();
    throw new NamedError(
      "VerifyError",
      `${name} is not the file it should be: expected SHA-256 ${pin.sha256}, found ${found} (${done} bytes). It was dropped; run again to fetch it again.`,
      { again: true },
    );
  }

  async #begin(job: FileJob, answer: Answer): Promise<void> {
    const { version, body } = answer;
    try {
      this.#checkSize(job, answer);
    } catch (error) {
      await body.cancel().catch(() => undefined);
      throw error;
    }
    const kept = this.#open.get(job.name);
    const folder = this.#folder;
    if (kept === undefined || this.#unstored !== null || folder === null || folder instanceof Unstorable)
      return;
    const lack = version.size === null ? null : await folder.lackOfRoom(version.size);
    if (lack !== null) {
      this.discard();
      return this.#notKept(lack);
    }
    const { id, base, revision } = this.#source;
    const origin: FileOrigin = { id, base, revision, ...version };
    this.#writing(() => kept.begin(origin));
  }

  #append(name: ModelFile, chunk: Uint8Array, hash: Hash): void {
    this.#writing(() => this.#open.get(name)?.append(chunk, hash));
  }

  #vouch(name: ModelFile, hash: Hash, options = {}): void {
    this.#writing(() => {
      const kept = this.#open.get(name);
      if (kept?.origin) kept.checkpoint(hash, options);
    });
  }

  /** A file that cannot be kept is no reason not to use it. */
  #writing(write: () => void): void {
    if (this.#unstored !== null) return;
    try {
      timed(this.times, "storage", write);
    } catch (error) {
      // A trap of the wasm, which makes the hash, is no fault of the storage.
      if (!(error instanceof DOMException)) throw error;
      this.#giveUp(error);
    }
  }

  /** What fits stays where only the room is lacking: the next run need not fetch it again. */
  #giveUp(error: DOMException): void {
    const weights = this.#open.get(WEIGHTS);
    try {
      if (isNamed(error, "QuotaExceededError") && weights !== undefined && weights.bytes > 0) weights.cut();
      else this.discard();
    } catch (error) {
      console.warn("could not be deleted:", messageOf(error));
    }
    this.#notKept(whyUnwritable(error));
  }
}

/**
 * Less is only known at the end: across origins a compressed body cannot be told from a plain one, and its announced size is
 * then that of the compressed bytes.
 */
function otherSize({ name, promised }: FileJob, found: number): NamedError {
  return new NamedError(
    "BadModel",
    `${name}: its header adds up to ${promised()} bytes, but the server has ${found}. The file there is not whole, or is no model; nothing of it was kept.`,
  );
}

const NO_VERSION: Version = { etag: null, modified: null, size: null };

async function timedAsync<T>(times: LoadTimes, what: keyof LoadTimes, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    times[what] += performance.now() - start;
  }
}
