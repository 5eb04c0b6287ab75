// A file in this browser's storage with its journal. Bytes are only ever added after good ones, and what the journal
// does not vouch for is cut off when the file is opened.

import { NamedError } from "../../door/errors.ts";
import { type Checkpoint, type FileOrigin, type Journal, journalLine, parseJournal } from "./journal.ts";

/** What we use of a FileSystemSyncAccessHandle, which TypeScript knows only without a DOM. */
export interface SyncHandle {
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

/** The wasm's Sha256: hex() is the hash of all so far, and does not end it. */
export interface Hash {
  update(bytes: Uint8Array): void;
  hex(): string;
}

export type OpenHash = Hash & { free(): void };

/** A crash loses at most this much of a download. */
const CHECKPOINT_BYTES = 8 << 20;
/** Bytes are given away in such pieces: between two a cancel can come in. */
const READ_BYTES = 1 << 20;

export class KeptFile {
  readonly #content: SyncHandle;
  readonly #log: SyncHandle;
  #journal: Journal = parseJournal(new Uint8Array());
  /** Bytes of the content. */
  #length = 0;

  constructor(content: SyncHandle, log: SyncHandle) {
    this.#content = content;
    this.#log = log;
    this.#readLog();
    const size = content.getSize();
    this.#cutAfter(this.#journal.checkpoints.filter(({ bytes }) => bytes <= size).length);
  }

  /** Whose bytes these are; null where there are none. */
  get origin(): FileOrigin | null {
    return this.#journal.origin;
  }

  /** Good bytes. */
  get bytes(): number {
    return this.#last?.bytes ?? 0;
  }

  get complete(): boolean {
    return this.#last?.complete ?? false;
  }

  get #last(): Checkpoint | undefined {
    return this.#journal.checkpoints.at(-1);
  }

  /**
   * The good bytes in order; each chunk is only good until the next one. They are added to `hash`, and checked before they
   * are given away: damage must not look like a model's own fault.
   */
  *read(name: string, hash: Hash): Generator<Uint8Array, void> {
    const { checkpoints } = this.#journal;
    const starts = [0, ...checkpoints.map(({ bytes }) => bytes)];
    const buffer = new Uint8Array(
      Math.max(0, ...checkpoints.map(({ bytes }, i) => bytes - (starts[i] ?? 0))),
    );
    for (const [index, checkpoint] of checkpoints.entries()) {
      const start = starts[index] ?? 0;
      const part = buffer.subarray(0, checkpoint.bytes - start);
      const whole = readAll(this.#content, part, start);
      hash.update(part);
      if (!whole || hash.hex() !== checkpoint.sha256) {
        this.#cutAfter(index);
        throw new NamedError(
          "VerifyError",
          `The stored copy of ${name} is damaged after byte ${start}: expected SHA-256 ${checkpoint.sha256} up to byte ${checkpoint.bytes}, found another. It was dropped from there; run again to fetch the rest.`,
          { again: true },
        );
      }
      for (let at = 0; at < part.byteLength; at += READ_BYTES) yield part.subarray(at, at + READ_BYTES);
    }
  }

  /** Forgets what there is, for the file from this origin. */
  begin(origin: FileOrigin): void {
    this.clear();
    this.#addLine(origin);
  }

  /** What is there are the first bytes of the file from this origin as well, which goes on from there. */
  goOnFrom(origin: FileOrigin): void {
    this.#addLine(origin);
  }

  /** Adds bytes that `hash` has had already. */
  append(chunk: Uint8Array, hash: Hash): void {
    writeAll(this.#content, chunk, this.#length);
    this.#length += chunk.byteLength;
    if (this.#length - this.bytes >= CHECKPOINT_BYTES) this.checkpoint(hash);
  }

  /** Vouches for what has been added, which is all that `hash` has had. */
  checkpoint(hash: Hash, { complete = false } = {}): void {
    if (this.#length === this.bytes && !complete) return;
    // The content first: the journal must not promise what a crash may take.
    this.#content.flush();
    this.#addLine({ bytes: this.#length, sha256: hash.hex(), date: new Date().toISOString(), complete });
  }

  /** Drops what no checkpoint vouches for. */
  cut(): void {
    this.#cutTo(this.#journal.end);
  }

  clear(): void {
    this.#cutTo(0);
  }

  close(): void {
    this.#content.close();
    this.#log.close();
  }

  /** Keeps the first `count` checkpoints and what they vouch for. */
  #cutAfter(count: number): void {
    const { checkpoints, end, firstEnd } = this.#journal;
    this.#cutTo(count === checkpoints.length ? end : (checkpoints[count - 1]?.end ?? firstEnd));
  }

  /** Keeps so many bytes of the log, and what they vouch for. */
  #cutTo(end: number): void {
    // The journal first, for the same reason.
    this.#log.truncate(end);
    this.#log.flush();
    this.#readLog();
    this.#length = this.bytes;
    if (this.#content.getSize() !== this.#length) this.#content.truncate(this.#length);
  }

  #readLog(): void {
    const bytes = new Uint8Array(this.#log.getSize());
    this.#log.read(bytes, { at: 0 });
    this.#journal = parseJournal(bytes);
  }

  #addLine(line: FileOrigin | Checkpoint): void {
    writeAll(this.#log, journalLine(line), this.#journal.end);
    this.#log.flush();
    this.#readLog();
  }
}

/** False if the file ends before. */
function readAll(handle: SyncHandle, bytes: Uint8Array, at: number): boolean {
  for (let done = 0; done < bytes.byteLength; ) {
    const count = handle.read(bytes.subarray(done), { at: at + done });
    if (count <= 0) return false;
    done += count;
  }
  return true;
}

function writeAll(handle: SyncHandle, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    const rest = bytes.subarray(done);
    const count = handle.write(rest, { at: at + done });
    // In private windows Chromium answers a full storage with an error code, as a number that is larger than it can be.
    if (count <= 0 || count > rest.byteLength) {
      throw new DOMException("the browser took no more bytes", "QuotaExceededError");
    }
    done += count;
  }
}
