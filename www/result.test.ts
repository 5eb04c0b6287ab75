import { describe, expect, it } from "vitest";
import { tableText } from "./panels/table.ts";
import { csv, notebookFigures, type PageResult } from "./result.ts";

const condition = (mean_diff: number) => ({
  mean_diff,
  diff: [mean_diff, mean_diff],
  io_score: [mean_diff + 1, mean_diff + 3],
  s1_score: [2, 2],
});

const SPEC: PageResult["spec"] = {
  experiment: "patching_positions",
  layer: 10,
  head: 7,
  dataset: { n: 150, seed: 42, symmetric: true, prompt_type: "mixed", prepend_bos: true },
  flip: "ABB -> BAB, BAB -> ABB",
  freeze_ln: true,
};

const RESULT: PageResult = {
  experiment: "patching_positions",
  model: "openai-community/gpt2",
  device: "gpu",
  device_info: {
    device: "gpu",
    adapter: "GPU",
    self_check: { max_difference: 1e-6, tolerance: 1e-3, passed: true },
    note: null,
  },
  origin: {
    from: "storage",
    sha256: "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707",
    config_sha256: "ab".repeat(32),
    tokenizer_sha256: "cd".repeat(32),
    bytes: 548_105_171,
    revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
    notes: [],
    unstored: null,
    load_ms: { network: 0, storage: 1000, hash: 2000, process: 1500 },
  },
  timings_ms: { load: 5000, run: 1 },
  head: [10, 7],
  spec: SPEC,
  conditions: { clean: condition(3.28741), patched: condition(2.94622), projected: condition(-1.25859) },
  evidence: { edits: {}, noop_max_abs_change: 0, noops: {} },
  accuracy: 0.99,
};

describe("the table", () => {
  it("prints four decimals, and the change to clean", () => {
    expect(tableText(RESULT, null)).toEqual({
      header: ["condition", "mean attn score diff", "END→IO", "END→S1", "change"],
      rows: [
        ["clean", "3.2874", "5.2874", "2.0000", "–"],
        ["patched", "2.9462", "4.9462", "2.0000", "-10.4%"],
        ["projected", "-1.2586", "0.7414", "2.0000", "-138.3%"],
      ],
    });
  });

  it("counts change in the direction of the score when clean is negative", () => {
    const conditions = { clean: condition(-2), patched: condition(-1), projected: condition(-3) };
    const changes = tableText({ ...RESULT, conditions }, null).rows.map((row) => row.at(-1));
    expect(changes).toEqual(["–", "+50.0%", "-50.0%"]);
  });

  it("has no change to a clean score of zero", () => {
    const conditions = { clean: condition(0), patched: condition(1) };
    expect(tableText({ ...RESULT, conditions }, null).rows.map((row) => row.at(-1))).toEqual(["–", "–"]);
  });

  it("has the notebook's column beside ours", () => {
    const { header, rows } = tableText(RESULT, notebookFigures(RESULT, SPEC));
    expect(header.slice(1, 3)).toEqual(["mean attn score diff", "notebook"]);
    expect(rows.map((row) => row[2])).toEqual(["3.2874", "2.9462", "1.2586"]);
  });
});

describe("the notebook's figures", () => {
  it("are for its model and settings only", () => {
    expect(notebookFigures({ ...RESULT, model: "folder" }, SPEC)).toBeNull();
    expect(notebookFigures({ ...RESULT, spec: { ...SPEC, freeze_ln: false } }, SPEC)).toBeNull();
    const dataset = { ...SPEC.dataset, seed: 43 };
    expect(notebookFigures({ ...RESULT, spec: { ...SPEC, dataset } }, SPEC)).toBeNull();
  });
});

describe("csv", () => {
  it("has a header and a line a row", () => {
    const many = { ...condition(0.5), io_score: [], s1_score: [], diff: Array(600).fill(0.5) };
    const work = csv({ ...RESULT, experiment: "e", conditions: { clean: many } });
    expect(work.next()).toEqual({ done: false, value: undefined });
    const { value } = work.next();
    expect(value).toHaveLength(601);
    expect(value?.slice(0, 2).join("")).toBe(
      "experiment,condition,prompt,layer,head,position,value\ne,clean,0,10,7,IO-S1,0.5\n",
    );
  });
});
