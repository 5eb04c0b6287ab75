import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Unstorable, withModelFolder } from "./store.ts";

const never = () => new Promise<never>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("isSecureContext", true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What a run has of a browser's storage. */
const used = (signs = vi.fn()) =>
  withModelFolder({
    key: "a",
    signal: new AbortController().signal,
    waiting: signs,
    work: async (folder) => folder,
  });

it.each<[string, () => Promise<unknown>]>([
  ["the storage", never],
  ["its folder", async () => ({ getDirectoryHandle: never })],
])("goes on without %s if it does not answer", async (_, getDirectory) => {
  vi.stubGlobal("navigator", { storage: { getDirectory }, locks: {} });
  const folder = used();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await folder).toBeInstanceOf(Unstorable);
  expect(await folder).toMatchObject({ message: "this browser's storage did not answer within 20 s" });
});

it("gives signs of life while another tab has the model", async () => {
  let free = () => {};
  const request = async (_: string, options: { ifAvailable?: boolean }, work: (lock: unknown) => unknown) => {
    if (options.ifAvailable) return work(null);
    await new Promise<void>((resolve) => {
      free = resolve;
    });
    return work({});
  };
  const models = { getDirectoryHandle: async () => ({ getDirectoryHandle: never }) };
  const getDirectory = async () => ({ getDirectoryHandle: async () => models });
  vi.stubGlobal("navigator", { storage: { getDirectory }, locks: { request } });
  const signs = vi.fn();
  const folder = used(signs);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(signs).toHaveBeenCalledTimes(61);
  free();
  await vi.advanceTimersByTimeAsync(0);
  expect(await folder).not.toBeInstanceOf(Unstorable);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signs).toHaveBeenCalledTimes(61);
});
