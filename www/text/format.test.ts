import { expect, it } from "vitest";
import { bytes, date, duration, short, small, together } from "./format.ts";

it("prints sizes", () => {
  const sizes = [0, 999, 291_512, 999_700, 4_160_000, 548_105_171, 1_500_000_000];
  expect(sizes.map(bytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "292 kB",
    "1.0 MB",
    "4.2 MB",
    "548 MB",
    "1.50 GB",
  ]);
});

it("prints times", () => {
  expect([duration(12.4), duration(2400), duration(83_000)]).toEqual(["12 ms", "2.4 s", "1 min 23 s"]);
});

it("prints a mean and its interval to the same places", () => {
  expect(together([7.4534, 6.99999, 7.9231])).toEqual(["7.453", "7.000", "7.923"]);
  expect(together([0.5, -2, 3])).toEqual(["0.5", "-2.0", "3.0"]);
  expect(together([1, 2.1e-6, 3])).toEqual(["1", "2.10e-6", "3"]);
});

it("prints small numbers with four digits", () => {
  expect([0, 0.001, 12.3456, 2.1e-6, 50.2].map(small)).toEqual(["0", "0.001", "12.35", "2.10e-6", "50.2"]);
});

it("shortens hashes", () => {
  expect([short("248dfc3911869ec493c76e65"), short("607a30d7"), short("")]).toEqual([
    "248dfc39…",
    "607a30d7",
    "",
  ]);
});

it("prints dates, whatever the storage holds", () => {
  expect(date("2026-11-03T14:05:00")).toBe("3 Nov 2026, 14:05");
  expect(date("yesterday")).toBe("");
});
