import { describe, expect, it } from "vitest";
import type { ExperimentResult, PromptView } from "../../../pkg/cpu/patchbay.js";
import type { Answer } from "../../store/task.ts";
import { isScripted, literal, transformerLensScript } from "./script.ts";

const PROMPTS = [
  {
    sentence: 'Then, "Zoë" and $& met. Zoë gave it to $&',
    io: "$&",
    s: "Zoë",
    positions: { io: 4, s1: 2, s2: 6, end: 9 },
    flipped: { sentence: "flipped" },
  },
] as unknown as PromptView[];

const RESULT = {
  experiment: "patching_positions",
  head: [10, 7],
  spec: { dataset: { n: 1, seed: 42, prepend_bos: true }, flip: "ABB -> BAB", freeze_ln: false },
  conditions: {
    clean: { mean_diff: 0.1 + 0.2 },
    patched: { mean_diff: 1 },
    projected: { mean_diff: -1e-7 },
    "projected on random directions": { mean_diff: 0 },
  },
  accuracy: null,
} as unknown as ExperimentResult;

function answer({
  model = "openai-community/gpt2",
  ...change
}: Partial<ExperimentResult> & { model?: string } = {}) {
  const origin = { sha256: "ab", config_sha256: "c0", tokenizer_sha256: "70", revision: "cd" };
  const made = { asked: { model }, reply: { result: { ...RESULT, ...change }, origin } };
  return made as unknown as Answer<ExperimentResult>;
}

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
    const script = transformerLensScript(answer(), PROMPTS);
    for (const part of [
      "LAYER, HEAD = 10, 7\nSEED = 42\nPREPEND_BOS = True\n",
      'HUB = "openai-community/gpt2"\nREVISION = "cd"\n',
      'SHA256 = {"model.safetensors": "ab", "config.json": "c0", "tokenizer.json": "70"}\n',
      '    "patched": ("q", False, "flipped", False),\n',
      '    "projected": ("q", True, "IO and S", False),\n',
      '    "projected on random directions": ("q", True, "random directions", False),\n',
      '    "clean": 0.3,\n    "patched": 1,\n    "projected": -1e-7,\n',
      '    ("Then, \\"Zo\\u00eb\\" and $& met. Zo\\u00eb gave it to $&", "flipped", "$&", "Zo\\u00eb", 4, 2, 9),\n',
      "NAMES = []\n",
    ])
      expect(script).toContain(part);
    expect(script).not.toMatch(/# DATA/);
  });

  it("says where another model comes from, as a comment that stays one", () => {
    const script = transformerLensScript(answer({ model: "url:https://example.org/\nimport os" }), PROMPTS);
    expect(script).toContain('# From "https://example.org/\\u000aimport os". Give the folder');
    expect(script).toContain("HUB = None\n");
  });

  it("knows every condition or gives none", () => {
    const conditions = { clean: { mean_diff: 1 }, other: { mean_diff: 1 } } as never;
    expect(isScripted(RESULT)).toBe(true);
    for (const other of [{ conditions }, { experiment: "other" }]) {
      expect(isScripted({ ...RESULT, ...other })).toBe(false);
      expect(() => transformerLensScript(answer(other), PROMPTS)).toThrow("no script is known");
    }
  });
});
