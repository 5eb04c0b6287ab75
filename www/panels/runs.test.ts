import { describe, expect, it } from "vitest";
import type { Settings } from "../fields.ts";
import type { Shown } from "../shown.ts";
import { comparedMeans, comparedPrompts, differingSettings } from "./runs-compare.ts";
import { type Kept, meansText, newest, settingsText, titleText } from "./runs-text.ts";

const SETTINGS: Settings = {
  experiment: "patching_positions",
  model: "ioi-mini",
  layer: 1,
  head: 2,
  n: 2,
  seed: 42,
  symmetric: true,
  prompt_type: "mixed",
  prepend_bos: true,
  flip: "ABB -> BAB",
  freeze_ln: true,
  device: "auto",
  accuracy: false,
  prompts: "",
};

function run(diffs: Record<string, number[]>, change: Partial<Settings> = {}): Shown {
  const settings = { ...SETTINGS, ...change };
  const { experiment, model, layer, head, n, seed, symmetric, prompt_type, prepend_bos, flip, freeze_ln } =
    settings;
  const conditions = Object.fromEntries(
    Object.entries(diffs).map(([name, diff]) => [
      name,
      {
        mean_diff: diff.reduce((sum, it) => sum + it, 0) / diff.length,
        diff,
        io_score: diff,
        s1_score: diff,
      },
    ]),
  );
  const dataset = { n, seed, symmetric, prompt_type, prepend_bos };
  const spec = { experiment, layer, head, dataset, flip, freeze_ln };
  const result = {
    experiment,
    model,
    head: [layer, head],
    spec,
    conditions,
    device: "cpu",
    origin: { sha256: "ab" },
  };
  return { settings, result } as unknown as Shown;
}

const kept = (number: number, shown: Shown): Kept => ({ number, ended: new Date(0), shown });

describe("the list of runs", () => {
  const one = kept(3, run({ clean: [1, 2], patched: [0.5, 0.5], projected: [0, 0.25] }));

  it("says what was run and what came out", () => {
    expect(titleText(one)).toBe("Run 3: head 1.2 of ioi-mini, patching positions");
    expect(settingsText(one)).toBe(
      "2 prompts, seed 42, mixed, symmetric · BOS · flip ABB -> BAB · LN scale frozen · CPU",
    );
    expect(meansText(one)).toBe("clean 1.5000 · patched 0.5000 · projected 0.1250");
  });

  it("sums up many conditions", () => {
    const many = kept(4, run({ clean: [1], a: [0.5], b: [-2], c: [3] }, { experiment: "controls" }));
    expect(meansText(many)).toBe("clean 1.0000 · 3 edits from -2.0000 to 3.0000");
  });

  it("keeps the newest 20, and fewer where they are very large", () => {
    const runs = Array.from({ length: 25 }, (_, i) => kept(25 - i, run({ clean: [1] })));
    expect(newest(runs).map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => 25 - i));
    const ofSize = (prompts: number) => run({ clean: Array(prompts).fill(1) });
    const large = [1, 2, 3].map((number) => kept(number, ofSize(133_333)));
    expect(newest(large).map(({ number }) => number)).toEqual([1, 2]);
    expect(newest([kept(1, ofSize(700_000))])).toHaveLength(1);
  });
});

describe("two runs side by side", () => {
  const one = run({ clean: [1, 2], patched: [0, 1] });
  const live = run({ clean: [1, 2], patched: [0.5, 0.25] }, { freeze_ln: false });

  it("names the settings that differ", () => {
    expect(differingSettings(one, one)).toEqual([]);
    expect(differingSettings(one, live)).toEqual([["Freeze LayerNorm scale", "true", "false"]]);
  });

  it("names the part of the model that is another, though its weights are the same", () => {
    const origin = { sha256: "ab", config_sha256: "c".repeat(64), tokenizer_sha256: "d" };
    const [ours, theirs] = [origin, { ...origin, config_sha256: "e".repeat(64) }].map(
      (it) => ({ ...one, result: { ...one.result, origin: it } }) as Shown,
    ) as [Shown, Shown];
    expect(differingSettings(ours, theirs)).toEqual([
      ["SHA-256 of the configuration", "cccccccc…", "eeeeeeee…"],
    ]);
  });

  it("pairs prompts where they are the same", () => {
    expect(comparedMeans(one, live, ["run 1", "run 2"])).toEqual({
      header: [
        "condition",
        "run 1",
        "run 2",
        "difference",
        "mean |difference| a prompt",
        "largest, in prompt",
      ],
      rows: [
        ["clean", "1.5000", "1.5000", "0", "0", "0"],
        ["patched", "0.5000", "0.3750", "-0.1250", "0.625", "0.75 in 2"],
      ],
    });
    expect(comparedPrompts(one, live)?.rows).toEqual([
      ["1", "0", "+0.5000"],
      ["2", "0", "-0.7500"],
    ]);
  });

  it("does not pair other prompts, and leaves open what only one has", () => {
    const other = run({ clean: [3, 3, 3], projected: [1, 1, 1] }, { n: 3 });
    expect(comparedPrompts(one, other)).toBeNull();
    expect(comparedMeans(one, other, ["run 1", "run 2"]).rows).toEqual([
      ["clean", "1.5000", "3.0000", "+1.5000"],
      ["patched", "0.5000", "–", "–"],
      ["projected", "–", "1.0000", "–"],
    ]);
  });
});
