import { describe, expect, it } from "vitest";
import { sharingMemory } from "./shared-memory.ts";

/** (module (memory (export "memory") LEAST) (func (export "seven") (result i32) i32.const 7)) */
function program(memory: number[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, ...body: number[]) => [id, body.length, ...body];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 1, 0x7f),
    ...section(3, 1, 0),
    ...section(5, 1, ...memory),
    ...section(7, 2, ...name("memory"), 2, 0, ...name("seven"), 0, 0),
    ...section(10, 1, 4, 0, 0x41, 7, 0x0b),
  ]);
}

interface Exports {
  memory: WebAssembly.Memory;
  seven(): number;
}

/** The program, in pieces of so many bytes, with its memory shared. */
function shared(bytes: Uint8Array<ArrayBuffer>, piece: number): Promise<ArrayBuffer> {
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(out) {
      for (let at = 0; at < bytes.length; at += piece) out.enqueue(bytes.slice(at, at + piece));
      out.close();
    },
  });
  return new Response(pieces.pipeThrough(sharingMemory())).arrayBuffer();
}

async function exportsOf(bytes: ArrayBuffer) {
  const { instance } = await WebAssembly.instantiate(bytes);
  return instance.exports as unknown as Exports;
}

describe("sharingMemory", () => {
  it.each([
    ["without a most", [0, 3], 3],
    ["with one", [1, 2, 9], 2],
    ["with numbers of several bytes", [1, 0xc8, 1, 0x80, 0x80, 4], 200],
  ])("shares a memory %s, and leaves all else", async (_, memory, pages) => {
    for (const piece of [1, 7, 1000]) {
      const exports = await exportsOf(await shared(program(memory), piece));
      expect(exports.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(exports.memory.buffer.byteLength).toBe(pages * 65536);
      // It grows, up to all that can be addressed.
      exports.memory.grow(5);
      expect(exports.memory.buffer.byteLength).toBe((pages + 5) * 65536);
      expect(exports.seven()).toBe(7);
    }
  });

  it.each([
    ["a part of one", program([0, 3]).subarray(0, 20)],
    ["one without a memory", program([0, 3]).subarray(0, 8)],
  ])("refuses %s", (_, bytes) => expect(shared(bytes, 5)).rejects.toThrow(/expected a/));
});
