import { describe, expect, it } from "vitest";
import type { PromptView } from "../../../pkg/cpu/patchbay.js";
import { isScripted, literal, transformerLensScript } from "./script.ts";
import { runOf, SPEC } from "./testing.ts";

const PROMPTS = [
  {
    sentence: 'Then, "Zoë" and $& met. Zoë gave it to $&',
    io: "$&",
    s: "Zoë",
    positions: { io: 4, s1: 2, s2: 6, end: 9 },
    flipped: { sentence: "flipped" },
  },
] as unknown as PromptView[];

const SETTINGS = {
  spec: { dataset: { ...SPEC.dataset, n: 1 }, flip: "ABB -> BAB", freeze_ln: false },
  result: {
    conditions: {
      clean: { mean_diff: 0.1 + 0.2 },
      patched: { mean_diff: 1 },
      projected: { mean_diff: -1e-7 },
      "projected on random directions": { mean_diff: 0 },
    } as never,
  },
};
const script = (change = {}) => transformerLensScript(runOf({ ...SETTINGS, ...change }), PROMPTS);

describe("a text in Python", () => {
  it.each([
    ["plain ~ [text]^_`{}", '"plain ~ [text]^_`{}"'],
    ['"; import os #', '"\\"; import os #"'],
    ["a\\b\n\r\0", '"a\\\\b\\u000a\\u000d\\u0000"'],
    ["ß → \u202e", '"\\u00df \\u2192 \\u202e"'],
    ["🙂", '"\\U0001f642"'],
    ["\ud800", '"\\ud800"'],
  ])("%o", (text, expected) => expect(literal(text)).toBe(expected));
});

describe("the script", () => {
  it("holds the run's settings, prompts and figures", () => {
    const written = script();
    for (const part of [
      "LAYER, HEAD = 10, 7\nSEED = 42\nPREPEND_BOS = True\n",
      'HUB = "openai-community/gpt2"\nREVISION = "607a30d783dfa663caf39e06633721c8d4cfcd7e"\n',
      'SHA256 = {"model.safetensors": "242424',
      '    "patched": ("q", False, "flipped", False),\n',
      '    "projected": ("q", True, "IO and S", False),\n',
      '    "projected on random directions": ("q", True, "random directions", False),\n',
      '    "clean": 0.3,\n    "patched": 1,\n    "projected": -1e-7,\n',
      '    ("Then, \\"Zo\\u00eb\\" and $& met. Zo\\u00eb gave it to $&", "flipped", "$&", "Zo\\u00eb", 4, 2, 9),\n',
      "NAMES = []\n",
    ])
      expect(written).toContain(part);
    expect(written).not.toMatch(/# DATA/);
  });

  it("says where another model comes from, as a comment that stays one", () => {
    const written = script({ model: "url:https://example.org/\nimport os" });
    expect(written).toContain('# From "https://example.org/\\u000aimport os". Give the folder');
    expect(written).toContain("HUB = None\n");
  });

  it("knows every condition or gives none", () => {
    expect(isScripted(runOf().reply.result)).toBe(true);
    const conditions = { clean: { mean_diff: 1 }, other: { mean_diff: 1 } } as never;
    for (const other of [{ conditions }, { experiment: "other" }]) {
      expect(isScripted({ ...runOf().reply.result, ...other })).toBe(false);
      expect(() => script({ result: other })).toThrow("no script is known");
    }
  });
});
