import { describe, expect, it } from "vitest";
import type { PromptView } from "../pkg/cpu/patchbay.js";
import type { PageResult } from "./result.ts";
import { literal, transformerLensScript } from "./transformer-lens.ts";

const PROMPT = {
  sentence: 'Then, "Zoë" and $& met. Zoë gave it to $&',
  io: "$&",
  s: "Zoë",
  positions: { io: 4, s1: 2, s2: 6, end: 9 },
  flipped: { sentence: "flipped" },
};
const PROMPTS = [PROMPT] as unknown as PromptView[];

function result(change: Partial<PageResult> = {}): PageResult {
  return {
    experiment: "patching_positions",
    model: "openai-community/gpt2",
    head: [10, 7],
    spec: { dataset: { n: 1, seed: 42, prepend_bos: true }, flip: "ABB -> BAB", freeze_ln: false },
    conditions: {
      clean: { mean_diff: 0.1 + 0.2 },
      patched: { mean_diff: 1 },
      projected: { mean_diff: -1e-7 },
    },
    origin: { sha256: "ab", config_sha256: "c0", tokenizer_sha256: "70", revision: "cd" },
    accuracy: null,
    ...change,
  } as unknown as PageResult;
}

describe("a text in Python", () => {
  it.each([
    ["plain", '"plain"'],
    ['"; import os #', '"\\"; import os #"'],
    ["a\\b\n\r\0", '"a\\\\b\\u000a\\u000d\\u0000"'],
    ["ß → \u202e", '"\\u00df \\u2192 \\u202e"'],
    ["🙂", '"\\U0001f642"'],
    ["\ud800", '"\\ud800"'],
  ])("%o", (text, expected) => expect(literal(text)).toBe(expected));
});

describe("the script", () => {
  it("holds the run's settings, prompts and figures", () => {
    const script = transformerLensScript(result(), PROMPTS);
    expect(script).toContain("LAYER, HEAD = 10, 7\nSEED = 42\nPREPEND_BOS = True\n");
    expect(script).toContain('HUB = "openai-community/gpt2"\nREVISION = "cd"\n');
    expect(script).toContain(
      'SHA256 = {"model.safetensors": "ab", "config.json": "c0", "tokenizer.json": "70"}\n',
    );
    expect(script).toContain('    "patched": ("q", False, "flipped", False),\n');
    expect(script).toContain('    "projected": ("q", True, "IO and S", False),\n');
    expect(script).toContain('    "clean": 0.3,\n    "patched": 1,\n    "projected": -1e-7,\n');
    expect(script).toContain(
      '    ("Then, \\"Zo\\u00eb\\" and $& met. Zo\\u00eb gave it to $&", "flipped", "$&", "Zo\\u00eb", 4, 2, 9),\n',
    );
    expect(script).toContain("NAMES = []\n");
    expect(script).not.toMatch(/# DATA/);
  });

  it("says where another model comes from, as a comment that stays one", () => {
    const model = "url:https://example.org/\nimport os";
    const script = transformerLensScript(result({ model }), PROMPTS);
    expect(script).toContain('# From "https://example.org/\\u000aimport os". Give the folder');
    expect(script).toContain("HUB = None\n");
  });

  it("knows every condition or gives none", () => {
    const conditions = { clean: { mean_diff: 1 }, other: { mean_diff: 1 } };
    expect(() => transformerLensScript(result({ conditions } as never), PROMPTS)).toThrow("condition other");
    expect(() => transformerLensScript(result({ experiment: "other" }), PROMPTS)).toThrow("experiment other");
  });
});
