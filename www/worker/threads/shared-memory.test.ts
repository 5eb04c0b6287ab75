import { describe, expect, it } from "vitest";
import { withSharedMemory } from "./shared-memory.ts";

/** (module (memory (export "memory") LEAST) (func (export "seven") (result i32) i32.const 7)) */
function program(memory: number[]): Uint8Array {
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

async function exportsOf(bytes: Uint8Array<ArrayBuffer>) {
  const { instance } = await WebAssembly.instantiate(bytes);
  return instance.exports as unknown as Exports;
}

describe("withSharedMemory", () => {
  it.each([
    ["without a most", [0, 3], 3],
    ["with one", [1, 2, 9], 2],
    ["with numbers of several bytes", [1, 0xc8, 1, 0x80, 0x80, 4], 200],
  ])("shares a memory %s, and leaves all else", async (_, memory, pages) => {
    const { memory: shared, seven } = await exportsOf(withSharedMemory(program(memory)));
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared.buffer.byteLength).toBe(pages * 65536);
    // It grows up to all that can be addressed.
    shared.grow(5);
    expect(shared.buffer.byteLength).toBe((pages + 5) * 65536);
    expect(seven()).toBe(7);
  });

  it.each([
    ["a part of one", program([0, 3]).subarray(0, 20)],
    ["one without a memory", program([0, 3]).subarray(0, 8)],
  ])("refuses %s", (_, bytes) => expect(() => withSharedMemory(bytes)).toThrow(/expected a/));
});
