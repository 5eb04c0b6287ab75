import { describe, expect, it } from "vitest";
import type { SweepResult } from "../../pkg/cpu/patchbay.js";
import { limitOf } from "../charts/signed.ts";
import type { PageResult } from "../result.ts";
import { headMaps, headText, layersText, sweepKey, sweepTable, valueText } from "./heads-text.ts";

const row = (layer: number, head: number, condition: string, mean_diff: number) => ({
  layer,
  head,
  condition,
  mean_diff,
});

const SWEEP = {
  prompts: 20,
  layers: [
    { layer: 0, prompts: 20 },
    { layer: 1, prompts: 20 },
    { layer: 2, prompts: 8 },
    { layer: 3, prompts: 0 },
  ],
  rows: [
    row(0, 0, "clean", 2.25),
    row(0, 0, "patched", 1.25),
    row(0, 0, "projected", 2.252),
    row(0, 1, "clean", -3),
    row(0, 1, "patched", -1.5),
    row(0, 1, "projected", -3),
  ],
  finished: false,
} as unknown as SweepResult;

describe("the maps", () => {
  const maps = headMaps(SWEEP);

  it("are the clean score, then what each other condition changes", () => {
    expect(maps.map(({ name }) => name)).toEqual(["clean", "change when patched", "change when projected"]);
    expect(maps[0]?.values).toEqual([
      { layer: 0, head: 0, value: 2.25 },
      { layer: 0, head: 1, value: -3 },
    ]);
    expect(maps[1]?.values.map(({ value }) => value)).toEqual([-1, 1.5]);
  });

  it("end their scale at the largest size, and never at 0", () => {
    expect(limitOf(maps.slice(0, 1))).toBe(3);
    expect(limitOf(maps.slice(1))).toBe(1.5);
    expect(limitOf([{ values: [{ value: 0 }] }])).toBe(1);
    expect(limitOf([])).toBe(1);
  });

  it("are read head by head", () => {
    expect(headText(maps, { layer: 0, head: 0 })).toBe(
      "Head 0.0: clean 2.25 · change when patched -1.00 · change when projected 0.00",
    );
  });

  it("are none before anything is measured", () => {
    expect(headMaps({ ...SWEEP, rows: [] })).toEqual([]);
  });
});

it("prints the sign of changes, and none of what is rounded to nothing", () => {
  expect(valueText(1.5, { change: true })).toBe("+1.50");
  expect(valueText(1.5, { change: false })).toBe("1.50");
  expect(valueText(-0.001, { change: true })).toBe("0.00");
});

it("says how many prompts each layer has seen, in groups", () => {
  expect(layersText(SWEEP)).toBe(
    "Prompts seen by layers 0 to 1: 20 of 20, layer 2: 8 of 20, layer 3: 0 of 20.",
  );
});

it("has a table with a row a head", () => {
  expect(sweepTable(SWEEP)).toEqual({
    header: ["head", "clean", "patched", "projected", "change when patched", "change when projected"],
    rows: [
      ["0.0", "2.2500", "1.2500", "2.2520", "-1.0000", "0.0020"],
      ["0.1", "-3.0000", "-1.5000", "-3.0000", "1.5000", "0.0000"],
    ],
  });
});

it("holds for every head of the same model and settings, and for no other", () => {
  const run = (layer: number, sha256: string, freeze_ln: boolean, config_sha256 = "c") =>
    ({ model: "m", origin: { sha256, config_sha256 }, spec: { layer, head: 0, freeze_ln } }) as PageResult;
  expect(sweepKey(run(1, "a", true))).toBe(sweepKey(run(2, "a", true)));
  expect(sweepKey(run(1, "a", true))).not.toBe(sweepKey(run(1, "b", true)));
  expect(sweepKey(run(1, "a", true))).not.toBe(sweepKey(run(1, "a", true, "d")));
  expect(sweepKey(run(1, "a", true))).not.toBe(sweepKey(run(1, "a", false)));
});
