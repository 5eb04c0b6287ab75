import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { within } from "./limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const late = () => new Error("late");
const never = () => new Promise<never>(() => undefined);

it("passes on how a wait ends in time, and leaves no timer", async () => {
  await expect(within(3, Promise.resolve(7), late)).resolves.toBe(7);
  await expect(within(3, Promise.reject(new Error("bad")), late)).rejects.toThrow("bad");
  expect(vi.getTimerCount()).toBe(0);
});

it("ends one that takes longer", async () => {
  const wait = within(3, never(), late);
  const ended = vi.fn();
  wait.catch(ended);
  await vi.advanceTimersByTimeAsync(2999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await expect(wait).rejects.toThrow("late");
});
