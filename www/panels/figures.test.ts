import { describe, expect, it } from "vitest";
import type { PromptView } from "../../pkg/cpu/patchbay.js";
import { broken } from "../export.ts";
import type { PageResult } from "../result.ts";
import { inSlices } from "../slices.ts";
import type { Estimate } from "../statistics.ts";
import { citation } from "./figures-cite.ts";
import { choicesOf, groupsOf } from "./figures-histogram.ts";
import { bootstrapFor, effectsCaption, meansCaption, withIntervals } from "./figures-words.ts";

const DATASET = { n: 150, seed: 42, symmetric: true, prompt_type: "mixed", prepend_bos: true } as const;
const RESULT = {
  experiment: "patching_positions",
  model: "openai-community/gpt2",
  device: "gpu",
  head: [10, 7],
  spec: {
    experiment: "patching_positions",
    layer: 10,
    head: 7,
    dataset: DATASET,
    flip: "ABB -> BAB",
    freeze_ln: true,
  },
  origin: {
    sha256: "248dfc3911869ec493c76e65bf2fcf7f",
    config_sha256: "ab".repeat(32),
    tokenizer_sha256: "cd".repeat(32),
    revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
  },
} as PageResult;
const CUSTOM = [{ sentence: "a", io: "b", s: "c" }];

const estimate = (low: number, percentInterval: Estimate["percentInterval"]): Estimate => ({
  mean: low + 1,
  meanInterval: { low, high: low + 2 },
  difference: 0,
  differenceInterval: { low: -1, high: 1 },
  percent: 0,
  percentInterval,
});

describe("the table's intervals", () => {
  const text = {
    header: ["condition", "mean attn score diff", "END→IO", "END→S1", "change"],
    rows: [
      ["clean", "3.2874", "5.0000", "1.7126", "–"],
      ["patched", "2.9462", "4.0000", "1.0538", "-10.4%"],
    ],
  };

  it("stand beside what they are of", () => {
    const estimates = new Map([
      ["patched", estimate(1.5, { low: -12.34, high: -8.76 })],
      ["clean", estimate(2.5, { low: 0, high: 0 })],
    ]);
    expect(withIntervals(text, estimates)).toEqual({
      header: [
        "condition",
        "mean attn score diff",
        "95% CI",
        "END→IO",
        "END→S1",
        "change",
        "95% CI of change",
      ],
      rows: [
        ["clean", "3.2874", "[2.500, 4.500]", "5.0000", "1.7126", "–", "–"],
        ["patched", "2.9462", "[1.500, 3.500]", "4.0000", "1.0538", "-10.4%", "[-12.3, -8.8]"],
      ],
    });
  });

  it("have their place before they are known, and beside the notebook's column", () => {
    const notebook = {
      header: text.header.toSpliced(2, 0, "notebook"),
      rows: text.rows.map((cells) => cells.toSpliced(2, 0, "3.0000")),
    };
    const { header, rows } = withIntervals(notebook, null);
    expect(header.slice(2, 4)).toEqual(["notebook", "95% CI"]);
    expect(rows[1]).toEqual(["patched", "2.9462", "3.0000", "…", "4.0000", "1.0538", "-10.4%", "…"]);
  });
});

describe("the method", () => {
  it("draws a prompt and its copy together, and own prompts one by one", () => {
    expect(bootstrapFor(RESULT).groupSize).toBe(2);
    const with_ = (dataset: object) =>
      bootstrapFor({
        ...RESULT,
        spec: { ...RESULT.spec, dataset: { ...DATASET, ...dataset } },
      } as PageResult);
    expect(with_({ symmetric: false }).groupSize).toBe(1);
    expect(with_({ prompts: CUSTOM }).groupSize).toBe(1);
  });

  it("is said in the captions", () => {
    const method = bootstrapFor(RESULT);
    expect(meansCaption(150, method)).toMatch(
      /10,000 resamples of the 75 pairs of prompts, seed 1\).*drawn together/,
    );
    expect(meansCaption(150, { ...method, groupSize: 1 })).not.toMatch(/together/);
    expect(meansCaption(2, method)).toMatch(/no confidence interval/);
    const sure = estimate(1, { low: 0, high: 1 });
    expect(effectsCaption("clean", [sure, sure])).not.toMatch(/may be zero/);
    expect(effectsCaption("clean", [sure, estimate(1, null)])).toMatch(/clean mean may be zero/);
  });
});

describe("the histogram's choices", () => {
  it("are every condition's scores and every other's differences to the first", () => {
    const choices = choicesOf({
      conditions: ["clean", "a", "b"],
      values: [
        [1, 2],
        [3, 5],
        [0, 0],
      ],
    });
    expect(choices.map(({ label, values }) => [label, values()])).toEqual([
      ["clean", [1, 2]],
      ["a", [3, 5]],
      ["b", [0, 0]],
      ["a minus clean", [2, 3]],
      ["b minus clean", [-1, -2]],
    ]);
  });

  it("put a prompt with its order or its template", () => {
    const prompts = [
      { order: "ABBA", template: { order: "ABBA", index: 3 } },
      { order: "BABA", template: null },
    ] as PromptView[];
    expect(groupsOf(prompts, "order", 2)).toEqual(["ABBA", "BABA"]);
    expect(groupsOf(prompts, "template", 2)).toEqual(["ABBA 3", "own prompts"]);
    expect(groupsOf(null, "template", 2)).toEqual(["all prompts", "all prompts"]);
  });
});

describe("the citation", () => {
  it("names the page, the weights, the settings and the day", () => {
    expect(citation(RESULT, new Date("2026-11-25T10:00:00Z"))).toMatch(
      /^Patchbay \d+\.\d+\.\d+; openai-community\/gpt2, revision 607a30d783dfa663caf39e06633721c8d4cfcd7e, SHA-256 248dfc391186 \(weights\), abababababab \(configuration\), cdcdcdcdcdcd \(tokenizer\); patching positions, head 10\.7; n=150, seed 42, mixed, symmetric, BOS, flip "ABB -> BAB", LayerNorm scale frozen, GPU; 2026-11-25\.$/,
    );
  });

  it("says of own prompts how many there are", () => {
    const dataset = { ...DATASET, prompts: CUSTOM };
    const own = { ...RESULT, spec: { ...RESULT.spec, dataset } } as PageResult;
    expect(citation(own, new Date())).toMatch(/; 1 own prompts, seed 42, BOS/);
  });
});

it("work in slices ends with its result, or is left when it is of no use", async () => {
  let done = 0;
  function* work(): Generator<void, string> {
    for (; done < 1000; done += 1) yield;
    return "all";
  }
  expect(await inSlices(work(), () => false)).toBe("all");
  done = 0;
  expect(await inSlices(work(), () => true)).toBeNull();
  expect(done).toBe(0);
});

it("a file's caption is broken between its parts", () => {
  expect(broken("head 1.2 · n 20 · seed 42", 16)).toEqual(["head 1.2 · n 20", "seed 42"]);
  expect(broken("much longer than that", 5)).toEqual(["much longer than that"]);
});
