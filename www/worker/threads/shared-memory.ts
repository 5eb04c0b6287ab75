// The program with a memory that threads can share. That its memory is shared is said in the program itself, in one place: so one file
// serves those browsers that let a page share memory, and those that do not.

const HEADER_BYTES = 8;
const MEMORY = 5;
const SHARED_WITH_A_MOST = 3;
/** 65 536 pages, all that 32 bits can address. */
const MOST = [0x80, 0x80, 0x04];

/** `program`: a WebAssembly module with a memory of its own. */
export function withSharedMemory(program: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = HEADER_BYTES; at < program.length; ) {
    const section = program[at];
    const [size, start] = leb128(program, at + 1);
    const end = start + size;
    if (section === MEMORY) {
      // How many memories, one; whether it has a most; its least; and perhaps its most.
      const [, afterLeast] = leb128(program, start + 2);
      const body = [1, SHARED_WITH_A_MOST, ...program.subarray(start + 2, afterLeast), ...MOST];
      return joined(program.subarray(0, at), [MEMORY, body.length, ...body], program.subarray(end));
    }
    at = end;
  }
  throw new Error("expected a program with a memory of its own");
}

/** The number that begins there, and where it ends. */
function leb128(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0; ; shift += 7, at++) {
    const byte = bytes[at];
    if (byte === undefined) throw new Error("expected a whole program");
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at + 1];
  }
}

function joined(...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
