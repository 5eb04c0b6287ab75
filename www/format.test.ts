import { expect, it } from "vitest";
import { bytes, duration, small } from "./format.ts";

it("prints sizes", () => {
  expect([bytes(291_512), bytes(548_105_171), bytes(1_500_000_000)]).toEqual([
    "292 kB",
    "548.1 MB",
    "1.50 GB",
  ]);
});

it("prints times", () => {
  expect([duration(12.4), duration(2400), duration(83_000)]).toEqual(["12 ms", "2.4 s", "1 min 23 s"]);
});

it("prints small numbers with four digits", () => {
  expect([0, 0.001, 12.3456, 2.1e-6, 50.2].map(small)).toEqual(["0", "0.001", "12.35", "2.10e-6", "50.2"]);
});
