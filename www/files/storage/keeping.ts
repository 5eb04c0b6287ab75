// What of a model is kept in this browser's storage: opened, written and given up as one. A file that cannot be kept is no
// reason not to use it, so nothing here throws for want of storage.

import { isNamed, messageOf } from "../../door/errors.ts";
import type { LoadTimes } from "../../door/protocol.ts";
import { bytes as inBytes } from "../../text/format.ts";
import { isWeights } from "../file-names.ts";
import { timed } from "../times.ts";
import { type FileOrigin, sizeOf } from "./journal.ts";
import type { Hash, KeptFile } from "./kept-file.ts";
import { type ModelFolder, Unstorable, whyUnwritable } from "./store.ts";

export class Keeping {
  /** Null for what need not be kept here. */
  readonly #folder: ModelFolder | Unstorable | null;
  readonly #times: LoadTimes;
  readonly #open = new Map<string, KeptFile>();
  #unstored: string | null = null;
  /** Once what is kept turned out to be another file's: what would have been written over it. */
  #waiting: (() => void)[] | null = null;

  constructor(folder: ModelFolder | Unstorable | null, times: LoadTimes) {
    this.#folder = folder;
    this.#times = times;
  }

  /** Why the files are not kept, where they should be. */
  get unstored(): string | null {
    return this.#unstored;
  }

  /** Opens the file, once. Null where files cannot be kept. */
  async file(name: string): Promise<KeptFile | null> {
    if (this.#folder === null || this.#unstored !== null) return null;
    if (this.#folder instanceof Unstorable) {
      this.#notKept(this.#folder.message);
      return null;
    }
    try {
      // All that is there, the first time: what one run does not read may be an older model's, and goes with the rest.
      const names = this.#open.size === 0 ? await this.#folder.names() : [];
      for (const each of [...names, name]) {
        if (!this.#open.has(each)) this.#open.set(each, await this.#folder.file(each));
      }
      return this.#open.get(name) ?? null;
    } catch (error) {
      this.#notKept(whyUnwritable(error));
      return null;
    }
  }

  /** The same, where what is kept is good to go on from. */
  async usable(name: string): Promise<KeptFile | null> {
    const kept = await this.file(name);
    return this.#waiting === null ? kept : null;
  }

  /** Whether something of the file is kept that is good to go on from. Makes no file. */
  async has(name: string): Promise<boolean> {
    const folder = this.#folder;
    if (folder === null || folder instanceof Unstorable) return false;
    if (this.#waiting !== null || this.#unstored !== null) return false;
    if (this.#open.size > 0) return (this.#open.get(name)?.bytes ?? 0) > 0;
    const names = await folder.names().catch((): string[] => []);
    return names.includes(name);
  }

  /** Bytes of weights that are good to go on from. */
  get weightsKept(): number {
    return this.#waiting === null ? sum(this.#weights.map(({ kept }) => kept.bytes)) : 0;
  }

  get #weights(): { name: string; kept: KeptFile }[] {
    return [...this.#open].filter(([name]) => isWeights(name)).map(([name, kept]) => ({ name, kept }));
  }

  /** Of a file that has been opened: where what is kept of it is from. */
  origin(name: string): FileOrigin | null {
    return this.#waiting === null ? (this.#open.get(name)?.origin ?? null) : null;
  }

  /** What is kept is another file's. It stays until settle(): what comes instead may be no model at all. */
  supersede(): void {
    this.#waiting = [];
  }

  /** What came instead is known to be better. */
  settle(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    this.#writing(() => {
      for (const kept of this.#open.values()) kept.clear();
      for (const write of waiting) write();
    });
  }

  *read(kept: KeptFile, name: string, hash: Hash): Generator<Uint8Array, void> {
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
  async begin(name: string, origin: FileOrigin): Promise<void> {
    const kept = this.#open.get(name);
    const folder = this.#folder;
    if (kept === undefined || this.#unstored !== null || folder === null || folder instanceof Unstorable)
      return;
    const freed = this.#waiting === null ? 0 : kept.bytes;
    const lack = origin.size === null ? null : await folder.lackOfRoom(origin.size - freed);
    if (lack !== null) {
      this.discard();
      return this.#notKept(lack);
    }
    this.#writing(() => kept.begin(origin));
  }

  /** What is there goes on as the file from this origin. */
  goOnFrom(name: string, origin: FileOrigin): void {
    this.#writing(() => this.#open.get(name)?.goOnFrom(origin));
  }

  append(name: string, chunk: Uint8Array, hash: Hash): void {
    const [bytes, hashed] = this.#waiting === null ? [chunk, hash] : [chunk.slice(), asOfNow(hash)];
    this.#writing(() => this.#open.get(name)?.append(bytes, hashed));
  }

  /** From now on all that has been appended counts. */
  vouch(name: string, hash: Hash, options = {}): void {
    const hashed = this.#waiting === null ? hash : asOfNow(hash);
    this.#writing(() => {
      const kept = this.#open.get(name);
      if (kept?.origin) kept.checkpoint(hashed, options);
    });
  }

  /** Drops one file, or gives up keeping any. */
  clear(kept: KeptFile): void {
    this.#writing(() => kept.clear());
  }

  /** Keeps nothing of these, or nothing of what came instead of them. Throws where that fails. */
  discard(names: Iterable<string> = this.#open.keys()): void {
    if (this.#waiting !== null) this.#waiting = [];
    else for (const name of names) this.#open.get(name)?.clear();
  }

  /** What is kept of the weights, in words; "" for nothing, and for all. */
  get words(): string {
    const part = this.#weights.find(({ kept }) => kept.bytes > 0 && !kept.complete);
    if (part === undefined) return "";
    const { name, kept } = part;
    const size = sizeOf(kept.origin, kept.bytes);
    const share = size === null ? inBytes(kept.bytes) : `${inBytes(kept.bytes)} of ${inBytes(size)}`;
    return `${share} of ${name} are kept; the next run goes on from there.`;
  }

  /** Nothing more is written from now on. */
  #notKept(why: string): void {
    const bytes = sum(this.#weights.map(({ kept }) => kept.bytes));
    const what = bytes === 0 ? "This model is not" : `Only the first ${inBytes(bytes)} of this model are`;
    this.#unstored = `${what} kept for the next time: ${why}.`;
  }

  #writing(write: () => void): void {
    if (this.#unstored !== null) return;
    if (this.#waiting !== null) {
      this.#waiting.push(write);
      return;
    }
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
    const weights = this.#weights.map(({ kept }) => kept);
    try {
      const isFull = isNamed(error, "QuotaExceededError") && weights.some(({ bytes }) => bytes > 0);
      if (isFull) for (const kept of weights) kept.cut();
      else this.discard();
    } catch (error) {
      console.warn("could not be deleted:", messageOf(error));
    }
    this.#notKept(whyUnwritable(error));
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

function asOfNow(hash: Hash): Hash {
  const hex = hash.hex();
  return { update: () => undefined, hex: () => hex };
}
