import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { throwUntilBuilt, watchForGpuProgram } from "./gpu-comes.ts";

/** What one look after the other finds; the last stays. */
function finding(...states: string[]) {
  const fetch = vi.fn(async () => {
    const state = states.length > 1 ? states.shift() : states[0];
    if (state === "no answer") throw new TypeError("Failed to fetch");
    return new Response(state);
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function watched(...states: string[]) {
  const fetch = finding(...states);
  const said: unknown[] = [];
  const end = watchForGpuProgram((now) => said.push(now));
  await vi.runAllTimersAsync();
  await end;
  return { said, looks: fetch.mock.calls.length };
}

it("looks until the program is there, also while there is no answer", async () => {
  const { said, looks } = await watched("being built", "no answer", "being built", "built");
  expect(said).toEqual(["being built", "built"]);
  expect(looks).toBe(4);
});

it("ends where there will be none", async () => {
  expect((await watched("being built", "failed")).said).toEqual(["being built", "failed"]);
});

it("says nothing of a program that was there", async () => {
  expect((await watched("built")).said).toEqual([]);
});

it("keeps the worker from asking for it too early", async () => {
  finding("being built", "failed", "built");
  await expect(throwUntilBuilt()).rejects.toThrow("it is still being built");
  await expect(throwUntilBuilt()).rejects.toThrow("it could not be built");
  await throwUntilBuilt();
});
