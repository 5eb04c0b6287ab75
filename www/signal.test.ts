// Watchers get every value; told one by one, the newest value wins.

import { expect, it } from "vitest";
import { Signal } from "./signal.ts";

it("an assignment calls all watchers at once", () => {
  const signal = new Signal(0);
  const seen: number[] = [];
  signal.watch((value) => seen.push(value));
  signal.watch((value) => seen.push(value * 10));
  signal.value = 2;
  expect(seen).toEqual([2, 20]);
});

it("telling has the value at once, and a task for each watcher", async () => {
  const signal = new Signal(0);
  const seen: number[] = [];
  for (const times of [1, 10]) signal.watch((value) => seen.push(value * times));
  const told = signal.tell(3);
  expect([signal.value, seen]).toEqual([3, []]);
  await told;
  expect(seen).toEqual([3, 30]);
});

it("a newer value ends the telling of an older one", async () => {
  const signal = new Signal(0);
  const seen: number[] = [];
  signal.watch((value) => {
    seen.push(value);
    if (value === 1) signal.value = 2;
  });
  signal.watch((value) => seen.push(value * 10));
  await signal.tell(1);
  expect(seen).toEqual([1, 2, 20]);
});
