// The program with a memory that threads can share. That its memory is shared is said in the program itself, in one place: so one file
// serves those browsers that let a page share memory, and those that do not.

const HEADER_BYTES = 8;
const MEMORY = 5;
const SHARED_WITH_A_MOST = 3;
/** 65 536 pages, all that 32 bits can address. */
const MOST = [0x80, 0x80, 0x04];

type Bytes = Uint8Array<ArrayBuffer>;

/** For a WebAssembly module with a memory of its own, as it comes: what is after that memory is compiled while it comes. */
export function sharingMemory(): TransformStream<Bytes, Bytes> {
  let head: Bytes | null = new Uint8Array();
  return new TransformStream({
    transform(chunk, out) {
      if (head === null) return out.enqueue(chunk);
      head = joined(head, chunk);
      const changed = withSharedMemory(head);
      if (changed === null) return;
      head = null;
      out.enqueue(changed);
    },
    flush() {
      if (head !== null) throw new Error("expected a program with a memory of its own");
    },
  });
}

/** A module's first bytes; null if there are not enough of them. */
function withSharedMemory(program: Bytes): Bytes | null {
  for (let at = HEADER_BYTES; ; ) {
    const section = program[at];
    const size = leb128(program, at + 1);
    if (size === null || size.end + size.value > program.length) return null;
    const end = size.end + size.value;
    if (section === MEMORY) {
      // How many memories, one; whether it has a most; its least; and perhaps its most.
      const least = leb128(program, size.end + 2);
      if (least === null) return null;
      const body = [1, SHARED_WITH_A_MOST, ...program.subarray(size.end + 2, least.end), ...MOST];
      return joined(program.subarray(0, at), [MEMORY, body.length, ...body], program.subarray(end));
    }
    at = end;
  }
}

/** The number that begins there, and where it ends; null if that is not there yet. */
function leb128(bytes: Bytes, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let shift = 0; ; shift += 7, at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

function joined(...parts: ArrayLike<number>[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
