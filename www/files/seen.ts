// What has been read of a file: enough to tell whether what a server sends next goes on from there. A server's word on where
// its bytes belong is never enough: they are compared with those that are there.

import type { Hash } from "./storage/kept-file.ts";
import { Transient, Unplaced } from "./transient.ts";

/** So many bytes before the end of what is there are asked for once more. */
export const OVERLAP = 1 << 16;
/** At such distances the hash of all before is remembered. */
const MARK_BYTES = 8 << 20;

interface Mark {
  bytes: number;
  sha256: string;
}

/** What a server sends from its first byte on is not what is there. */
export class Differs extends Error {}

export class Seen {
  #bytes = 0;
  readonly #head = new Uint8Array(OVERLAP);
  /** Ends with the last bytes. One buffer for all chunks, which would leave a new one each to the garbage collector. */
  readonly #end = new Uint8Array(OVERLAP);
  readonly #marks: Mark[] = [];

  get bytes(): number {
    return this.#bytes;
  }

  /** `hash` has had this chunk, and all before. */
  add(chunk: Uint8Array, hash: Hash): void {
    if (this.#bytes < OVERLAP) this.#head.set(chunk.subarray(0, OVERLAP - this.#bytes), this.#bytes);
    this.#bytes += chunk.byteLength;
    const last = chunk.subarray(Math.max(0, chunk.byteLength - OVERLAP));
    this.#end.copyWithin(0, last.byteLength);
    this.#end.set(last, OVERLAP - last.byteLength);
    if (this.#bytes - (this.#marks.at(-1)?.bytes ?? 0) >= MARK_BYTES) this.#mark(hash);
  }

  /** Whether the last bytes can be in one place only: zeros, or a pattern that comes again, do not say where they are. */
  get isPlace(): boolean {
    const words = new Uint32Array(this.#end.buffer);
    return this.#bytes >= OVERLAP && new Set(words).size > words.length / 2;
  }

  /** What comes after all that has been seen, of a file's part that should begin with the tail. */
  async *afterTail(part: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    const tail = this.#end.slice(Math.max(0, OVERLAP - this.#bytes));
    let at = 0;
    for await (const chunk of part) {
      const known = Math.min(chunk.byteLength, tail.byteLength - at);
      if (!isEqual(chunk.subarray(0, known), tail.subarray(at, at + known))) {
        throw new Unplaced("the part that the server sends does not fit what is there");
      }
      at += known;
      if (known < chunk.byteLength) yield chunk.subarray(known);
    }
  }

  /**
   * The same of a file that comes from its first byte, with a word when it is known to be the same so far. `hash` has had all
   * that has been seen, `fresh` nothing.
   */
  async *afterAll(
    file: AsyncIterable<Uint8Array>,
    hash: Hash,
    fresh: Hash,
    isSame: () => void,
  ): AsyncGenerator<Uint8Array, void> {
    const end = this.#bytes;
    this.#mark(hash);
    const marks = [...this.#marks];
    let at = 0;
    for await (const chunk of file) {
      let rest = chunk;
      while (at < end && rest.byteLength > 0) {
        const [mark] = marks as [Mark];
        const known = rest.subarray(0, mark.bytes - at);
        const head = this.#head.subarray(at, Math.min(end, at + known.byteLength));
        fresh.update(known);
        at += known.byteLength;
        rest = rest.subarray(known.byteLength);
        if (!isEqual(known.subarray(0, head.byteLength), head))
          throw new Differs("the file on the server begins differently");
        if (at < mark.bytes) continue;
        if (fresh.hex() !== mark.sha256)
          throw new Differs(`the file on the server differs before byte ${at}`);
        marks.shift();
        if (at === end) isSame();
      }
      if (rest.byteLength > 0) yield rest;
    }
    if (at < end) throw new Transient(`the answer ended after ${at} bytes`);
  }

  #mark(hash: Hash): void {
    if (this.#marks.at(-1)?.bytes !== this.#bytes)
      this.#marks.push({ bytes: this.#bytes, sha256: hash.hex() });
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, i) => byte === other[i]);
}
