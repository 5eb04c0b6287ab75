import { describe, expect, it } from "vitest";
import type { AttentionResult } from "../../pkg/cpu/patchbay.js";
import {
  attentionCsv,
  attentionTable,
  comparison,
  keyText,
  promptNumber,
  rolesOf,
  scaleLimit,
  stripsOf,
  tokenName,
  tokenText,
} from "./attention-text.ts";

const table = (factor: number) => ({
  scores: [[1 * factor], [2 * factor, -3 * factor], [0.5 * factor, 0.25 * factor, 4 * factor]],
  pattern: [[1], [0.75, 0.25], [0.5, 0.25, 0.25]],
});

const RESULT: AttentionResult = {
  prompt: 0,
  head: [2, 1],
  tokens: ["Alex", " Bo", " to"],
  positions: { io: 0, s1: 1, s2: 1, end: 2 },
  conditions: { clean: table(1), patched: table(2) },
};

describe("tokens", () => {
  it("show what would be nothing", () => {
    expect(tokenText("\n")).toBe("⏎");
    expect(tokenText("")).toBe("∅");
    expect(tokenText(" <b>")).toBe(" <b>");
  });

  it("are named with their roles, two of which can meet", () => {
    expect(rolesOf(RESULT.positions).get(1)).toBe("S1 S2");
    expect(tokenName(RESULT, 2)).toBe("“to” (END)");
  });
});

describe("a query's row", () => {
  it("has a value for each key that it sees", () => {
    expect(stripsOf(RESULT, "scores", 1)).toEqual([
      { condition: "clean", values: [2, -3] },
      { condition: "patched", values: [4, -6] },
    ]);
  });

  it("compares IO with S1 where it sees both", () => {
    const [clean] = stripsOf(RESULT, "scores", 2);
    expect(clean && comparison(clean, RESULT.positions, "scores")).toBe("IO 0.50, S1 0.25, difference 0.25");
    expect(comparison({ condition: "clean", values: [1] }, RESULT.positions, "scores")).toBe("");
  });

  it("reads a key in all conditions, and says which cannot be seen", () => {
    expect(keyText(RESULT, "pattern", 2, 0)).toBe("“to” (END) → “Alex” (IO): clean 0.500 · patched 0.500");
    expect(keyText(RESULT, "scores", 0, 2)).toMatch(/cannot see/);
  });

  it("has a table with a row a key", () => {
    expect(attentionTable(RESULT, "scores", 1)).toEqual({
      header: ["key", "role", "clean", "patched"],
      rows: [
        ["0 Alex", "IO", "2.0000", "4.0000"],
        ["1  Bo", "S1 S2", "-3.0000", "-6.0000"],
      ],
    });
  });
});

it("has one scale for all conditions of a query", () => {
  expect(scaleLimit(RESULT, "scores", 2)).toBe(8);
  expect(scaleLimit(RESULT, "scores", 1)).toBe(6);
  expect(scaleLimit(RESULT, "pattern", 0)).toBe(1);
});

it("its file has every query's keys in every condition", () => {
  const lines = attentionCsv(RESULT).trimEnd().split("\n");
  expect(lines).toHaveLength(1 + 2 * 6);
  expect(lines[0]).toBe("condition,query,key,query_token,key_token,score,pattern");
  const [condition, query, key, , , value, share] = (lines[3] ?? "").split(",");
  expect([condition, query, key, value, share]).toEqual(["clean", "1", "1", "-3", "0.25"]);
});

it("brings a typed number into the prompts' range", () => {
  expect(promptNumber("3", 20)).toBe(3);
  expect(promptNumber("999", 20)).toBe(20);
  expect(promptNumber("-1", 20)).toBe(1);
  expect(promptNumber("2.6", 20)).toBe(3);
  expect(promptNumber("", 20)).toBeNull();
  expect(promptNumber("x", 20)).toBeNull();
});
