import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Retry } from "../door/protocol.ts";
import { Retries } from "./retries.ts";
import { Transient } from "./transient.ts";

const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function retries() {
  const seen: Retry[] = [];
  return { seen, it: new Retries("f from u", (retry) => seen.push(retry)) };
}

/** The pause in ms; throws what pause() throws. */
async function pauseOf(it: Retries, failure = new Transient("down"), at = 0): Promise<number> {
  const start = Date.now();
  let ended = false;
  const pause = it.pause(failure, at, "Kept.", never).finally(() => {
    ended = true;
  });
  pause.catch(() => undefined);
  while (!ended) await vi.advanceTimersByTimeAsync(50);
  await pause;
  return Date.now() - start;
}

describe("retries", () => {
  it("wait longer each time, and end after five tries with what was kept", async () => {
    const { it, seen } = retries();
    const pauses: number[] = [];
    for (let i = 0; i < 4; i++) pauses.push(await pauseOf(it));
    [500, 1000, 2000, 4000].forEach((usual, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(0.8 * usual);
      expect(pauses[i]).toBeLessThanOrEqual(1.2 * usual + 50);
    });
    expect(seen.map(({ attempt, of }) => [attempt, of])).toEqual([2, 3, 4, 5].map((attempt) => [attempt, 5]));
    await expect(pauseOf(it)).rejects.toMatchObject({
      name: "DownloadError",
      again: true,
      message: expect.stringMatching(/^Could not fetch f from u: down \(tried 5 times\).*Kept\.$/),
    });
  });

  it("count from one again after progress", async () => {
    const { it } = retries();
    for (let i = 0; i < 4; i++) await pauseOf(it, new Transient("down"), 100);
    expect(await pauseOf(it, new Transient("down"), 100 + (1 << 20))).toBeLessThan(700);
    // Not for bytes that have been there before.
    for (let i = 0; i < 3; i++) await pauseOf(it, new Transient("down"), 2);
    await expect(pauseOf(it, new Transient("down"), 1 << 20)).rejects.toThrow("tried 5 times");
  });

  it("wait as long as the server asks, within reason", async () => {
    const { it } = retries();
    expect(await pauseOf(it, new Transient("busy", { after: 7000 }))).toBeGreaterThanOrEqual(7000);
    // Not at once, though it may say so.
    expect(await pauseOf(it, new Transient("busy", { after: 0 }))).toBeGreaterThanOrEqual(800);
    await expect(pauseOf(it, new Transient("busy", { after: 3_600_000 }))).rejects.toThrow(/wait 3600 s/);
  });

  it("end early where the browser does not let the page read", async () => {
    const { it } = retries();
    const unreadable = new Transient("failed", { unreadable: true });
    for (let i = 0; i < 2; i++) await pauseOf(it, unreadable);
    await expect(pauseOf(it, unreadable)).rejects.toThrow(
      /either is failing or does not allow this page to read .*\(CORS\)/,
    );
  });

  it("have all of a file asked for once, where its rest may be refused", async () => {
    const { it } = retries();
    const unreadable = new Transient("failed", { unreadable: true });
    const asked: boolean[] = [];
    for (let i = 0; i < 4; i++) {
      await pauseOf(it, unreadable, 5);
      asked.push(it.restMayBeRefused);
    }
    expect(asked).toEqual([false, false, true, false]);
    await expect(pauseOf(it, unreadable, 5)).rejects.toThrow(/tried 5 times.*Kept\./);
  });

  it("start over a bounded number of times", async () => {
    const { it } = retries();
    const over = async () => {
      const done = it.startOver("changed", "", never);
      done.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(1000);
      await done;
    };
    for (let i = 0; i < 4; i++) await over();
    await expect(over()).rejects.toThrow(/changed \(tried 5 times\)/);
  });

  it("are cancelled at once", async () => {
    const cancel = new AbortController();
    const pause = retries().it.pause(new Transient("down"), 0, "", cancel.signal);
    cancel.abort(new Error("stop"));
    const [cancelled] = await Promise.allSettled([pause, vi.advanceTimersByTimeAsync(0)]);
    expect(cancelled).toMatchObject({ reason: new Error("stop") });
  });
});
