// What of a model is kept in this browser's storage: opened, written and given up as one. A file that cannot be kept is no
// reason not to use it, so nothing here throws for want of storage.

import { isNamed, messageOf } from "../errors.ts";
import { bytes as inBytes } from "../format.ts";
import type { LoadTimes } from "../protocol.ts";
import { MODEL_FILES, type ModelFile } from "../sources.ts";
import type { FileOrigin } from "./journal.ts";
import type { Hash, KeptFile } from "./kept-file.ts";
import { WEIGHTS } from "./model-files.ts";
import { type ModelFolder, Unstorable, whyUnwritable } from "./store.ts";
import { timed } from "./times.ts";

export class Keeping {
  /** Null for what need not be kept here. */
  readonly #folder: ModelFolder | Unstorable | null;
  readonly #times: LoadTimes;
  readonly #open = new Map<ModelFile, KeptFile>();
  #unstored: string | null = null;

  constructor(folder: ModelFolder | Unstorable | null, times: LoadTimes) {
    this.#folder = folder;
    this.#times = times;
  }

  /** Why the files are not kept, where they should be. */
  get unstored(): string | null {
    return this.#unstored;
  }

  /** Opens the file, once. Null where files cannot be kept. */
  async file(name: ModelFile): Promise<KeptFile | null> {
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

  /** Of a file that has been opened: where what is kept of it is from. */
  origin(name: ModelFile): FileOrigin | null {
    return this.#open.get(name)?.origin ?? null;
  }

  *read(kept: KeptFile, name: ModelFile, hash: Hash): Generator<Uint8Array, void> {
    // The hash is part of reading; its own time goes to its own account.
    const timedHash = {
      update: (bytes: Uint8Array) => timed(this.#times, "hash", () => hash.update(bytes)),
      hex: () => hash.hex(),
    };
    const chunks = kept.read(name, timedHash);
    for (;;) {
      const hashed = this.#times.hash;
      const { done, value } = timed(this.#times, "storage", () => chunks.next());
      this.#times.storage -= this.#times.hash - hashed;
      if (done) return;
      yield value;
    }
  }

  /** Begins the file anew, where there is room for one of its size. */
  async begin(name: ModelFile, origin: FileOrigin): Promise<void> {
    const kept = this.#open.get(name);
    const folder = this.#folder;
    if (kept === undefined || this.#unstored !== null || folder === null || folder instanceof Unstorable)
      return;
    const lack = origin.size === null ? null : await folder.lackOfRoom(origin.size);
    if (lack !== null) {
      this.discard();
      return this.#notKept(lack);
    }
    this.#writing(() => kept.begin(origin));
  }

  append(name: ModelFile, chunk: Uint8Array, hash: Hash): void {
    this.#writing(() => this.#open.get(name)?.append(chunk, hash));
  }

  /** From now on all that has been appended counts. */
  vouch(name: ModelFile, hash: Hash, options = {}): void {
    this.#writing(() => {
      const kept = this.#open.get(name);
      if (kept?.origin) kept.checkpoint(hash, options);
    });
  }

  /** Drops one file, or gives up keeping any. */
  clear(kept: KeptFile): void {
    this.#writing(() => kept.clear());
  }

  /** Keeps nothing of these. Throws where that fails. */
  discard(names: readonly ModelFile[] = MODEL_FILES): void {
    for (const name of names) this.#open.get(name)?.clear();
  }

  /** What is kept of the weights, in words; "" for nothing, and for all. */
  get words(): string {
    const kept = this.#open.get(WEIGHTS);
    if (kept === undefined || kept.bytes === 0 || kept.complete) return "";
    const size = kept.origin?.size ?? null;
    const share = size === null ? inBytes(kept.bytes) : `${inBytes(kept.bytes)} of ${inBytes(size)}`;
    return `${share} of model.safetensors are kept; the next run goes on from there.`;
  }

  /** Nothing more is written from now on. */
  #notKept(why: string): void {
    const bytes = this.#open.get(WEIGHTS)?.bytes ?? 0;
    const what = bytes === 0 ? "This model is not" : `Only the first ${inBytes(bytes)} of this model are`;
    this.#unstored = `${what} kept for the next time: ${why}.`;
  }

  #writing(write: () => void): void {
    if (this.#unstored !== null) return;
    try {
      timed(this.#times, "storage", write);
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
