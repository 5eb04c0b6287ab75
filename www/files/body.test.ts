import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chunksOf } from "./body.ts";
import { Transient } from "./transient.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** So many bytes each time, and then nothing; answers with what came, how it ended and after how long. */
async function read({ bytes, every, times }: { bytes: number; every: number; times: number }) {
  let left = times;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (left-- === 0) return new Promise(() => undefined);
      await new Promise((done) => setTimeout(done, every * 1000));
      controller.enqueue(new Uint8Array(bytes));
    },
  });
  const start = performance.now();
  let came = 0;
  const reading = async () => {
    for await (const chunk of chunksOf(body, new AbortController().signal)) came += chunk.byteLength;
  };
  let error: unknown = null;
  const ended = reading().catch((thrown) => {
    error = thrown;
  });
  for (let i = 0; error === null && i < 1000; i++) await vi.advanceTimersByTimeAsync(1000);
  await ended;
  return { came, error, seconds: Math.round((performance.now() - start) / 1000) };
}

it.each([
  ["sends nothing", { bytes: 1, every: 60, times: 9 }, 0, 30, "no byte came for 30 s"],
  ["stops", { bytes: 100_000, every: 1, times: 3 }, 300_000, 33, "no byte came for 30 s"],
  ["trickles", { bytes: 1, every: 20, times: 99 }, 2, 60, "only 3 bytes came in 60 s"],
])("a body that %s is given up in a known time", async (_, how, came, seconds, why) => {
  const found = await read(how);
  expect(found.error).toBeInstanceOf(Transient);
  expect([found.came, found.seconds, (found.error as Error).message]).toEqual([came, seconds, why]);
});

it("a slow body is read, as long as it gets on", async () => {
  const { came } = await read({ bytes: 10_000, every: 20, times: 20 });
  expect(came).toBe(200_000);
});
