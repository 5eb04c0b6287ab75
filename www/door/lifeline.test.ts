import { expect, it } from "vitest";
import { Lifeline } from "./lifeline.ts";

const never = () => new Promise<never>(() => undefined);

it("passes on how a call ends", async () => {
  const lifeline = new Lifeline();
  await expect(lifeline.guard(async () => 7)).resolves.toBe(7);
  await expect(lifeline.guard(() => Promise.reject(new Error("bad")))).rejects.toThrow("bad");
});

it("ends the calls under way and those to come with the first death", async () => {
  const lifeline = new Lifeline();
  const calls = [lifeline.guard(never), lifeline.guard(never)];
  lifeline.die(new Error("first"));
  lifeline.die(new Error("second"));
  for (const call of calls) await expect(call).rejects.toThrow("first");
  let asked = false;
  const late = lifeline.guard(async () => {
    asked = true;
  });
  await expect(late).rejects.toThrow("first");
  expect(asked).toBe(false);
});
