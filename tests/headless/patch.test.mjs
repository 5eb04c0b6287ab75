// `patchbay patch`: what it prints, what it costs, and what it refuses.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { command } from "./commands.mjs";

const folder = mkdtempSync(join(tmpdir(), "patchbay-patch-"));
after(() => rmSync(folder, { recursive: true }));

const OF = ["--device", "cpu", "-n", "6"];
const patch = (args) => command("patch", args);
const GRID = ["--site", "z", "--over", "layer,head"];

async function json(...args) {
  const { code, stdout, stderr } = await patch([...OF, ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const sizes = (value) => (Array.isArray(value) ? [value.length, ...sizes(value[0])] : []);

describe("a grid", () => {
  test("of the model that the command carries has its axes, values and how sure they are", async () => {
    const result = await json(...GRID, "--per-prompt");
    assert.equal(result.model, "ioi-mini");
    assert.match(result.version, /^\d+\.\d+\.\d+$/);
    assert.deepEqual(
      result.axes.map(({ name, labels }) => [name, labels]),
      [
        ["layer", ["0", "1", "2", "3"]],
        ["head", ["0", "1", "2", "3"]],
      ],
    );
    for (const of of [result.values, result.normalized, result.intervals.low, result.intervals.high])
      assert.deepEqual(sizes(of), [4, 4]);
    assert.deepEqual(sizes(result.per_prompt), [6, 4, 4]);
    const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    const { base, source } = result;
    assert.ok(Math.abs(mean(result.per_prompt_base) - base) < 1e-9);
    const cell = result.per_prompt.map((values) => values[1][2]);
    assert.ok(Math.abs(mean(cell) - result.values[1][2]) < 1e-9);
    const share = (result.values[1][2] - base) / (source - base);
    assert.ok(Math.abs(share - result.normalized[1][2]) < 1e-9);
    assert.ok(result.intervals.low[1][2] <= result.values[1][2]);
    assert.ok(result.intervals.high[1][2] >= result.values[1][2]);
    assert.ok(result.intervals.base.low <= base && result.intervals.base.high >= base);
  });

  test("with the whole stream patched is the other run, and with what is there itself", async () => {
    const { values, base, source } = await json("--site", "resid_pre", "--over", "layer");
    assert.ok(Math.abs(values[0] - source) < 1e-4);
    const [begun] = (await json("--site", "resid_pre", "--over", "layer", "--at", "0")).values;
    assert.equal(begun, base);
  });

  test("counts the prompts that have a position", async () => {
    const { axes, values, counts } = await json("--site", "resid_mid", "--over", "layer,position");
    assert.deepEqual(sizes(counts), sizes(values));
    assert.equal(counts[0][0], 6);
    assert.ok(counts[0].at(-1) < 6 && axes[1].labels.length === counts[0].length);
  });

  test("of an ablation has no other run", async () => {
    const { source, normalized } = await json(
      ...GRID,
      "--fill",
      "mean",
      "--corruption",
      "abc",
      "--at",
      "END",
    );
    assert.deepEqual([source, normalized], [null, null]);
  });

  test("is comma-separated values for a spreadsheet", async () => {
    const { values, intervals } = await json(...GRID);
    const { code, stdout } = await patch([...OF, ...GRID, "--csv"]);
    assert.equal(code, 0);
    const [head, ...lines] = stdout.trim().split("\n");
    assert.equal(head, "layer,head,logit_diff,logit_diff_low,logit_diff_high");
    assert.equal(lines.length, 16);
    const numbers = lines[6].split(",").map(Number);
    assert.deepEqual(numbers, [1, 2, values[1][2], intervals.low[1][2], intervals.high[1][2]]);
  });

  test("is a table for people", async () => {
    const { code, stdout } = await patch([...OF, "--site", "z", "--over", "layer,head,role"]);
    assert.equal(code, 0);
    assert.match(stdout, /logit_diff, mean in logits; unedited -?\d/);
    assert.equal(stdout.match(/head, role {2}/g).length, 4);
  });
});

test("a result's spec is all it takes to have it again", async () => {
  const result = await json("--site", "attn_out", "--over", "layer,role", "--add", "W_U[answers-wrong]");
  const file = join(folder, "result.json");
  writeFileSync(file, JSON.stringify(result));
  const again = await json("--spec", file);
  assert.deepEqual(again.spec, result.spec);
  assert.deepEqual(again.values, result.values);
});

test("a program for another library is written beside the answer", async () => {
  const [py, ipynb] = ["grid.py", "grid.ipynb"].map((name) => join(folder, name));
  const { base } = await json(...GRID, "--script", py);
  const text = readFileSync(py, "utf8");
  assert.match(text, /^from transformer_lens/m);
  assert.ok(text.includes(`"base": ${Number(base.toPrecision(9))},`), text);
  await json(...GRID, "--script", ipynb, "--for", "nnsight");
  const { cells } = JSON.parse(readFileSync(ipynb, "utf8"));
  assert.ok(cells.some(({ source }) => source.includes("from nnsight import LanguageModel\n")));
});

test("what it costs is said without running it", async () => {
  const { cost } = await json(...GRID, "--cost");
  assert.ok(cost.flops > 0 && cost.flops < cost.flops_one_by_one && cost.seconds > 0);
});

describe("what is wrong is named, with what is possible", () => {
  const numbers = join(folder, "numbers.json");
  writeFileSync(numbers, "[1, 2, 3]");
  for (const [args, said] of [
    [["--site", "mlp", "--over", "layer"], /--site: expected one of resid_pre, .*result, found "mlp"/],
    [["--site", "z", "--over", "layers"], /--over: expected one of layer, head, role, position, found/],
    [[...GRID, "--at", "NOUN"], /no role "NOUN" in this task; there is IO, S1, S1\+1, S2, END/],
    [[...GRID, "--at", "400"], /positions 0 to \d+ up to END; there is no 400/],
    [
      [...GRID, "--metric", "accuracy"],
      /no metric "accuracy"; there is logit_diff, .* attn_score_diff\[0\.0\]/,
    ],
    [[...GRID, "--metric", "attn_score_diff[7.0]"], /layers 0 to 3; there is no layer 7/],
    [["--site", "z", "--over", "head"], /expected a layer, since it is no axis/],
    [["--site", "z", "--over", "head", "--layer", "4"], /layers 0 to 3; there is no layer 4/],
    [["--site", "resid_pre", "--over", "layer,head"], /resid_pre is shared by all heads.*q_input/],
    [["--site", "z", "--over", "role,position", "--layer", "0"], /expected role or position, found both/],
    [[...GRID, "--fill", "zero", "--direction", "denoise"], /edits the clean run, which is "noise"/],
    [[...GRID, "--fill", "mean", "--direction", "denoise"], /edits the clean run, which is "noise"/],
    [[...GRID, "--corruption", "abd"], /must be "abc" or a flip/],
    [[...GRID, "--add", numbers], /z has vectors of 24 numbers in this model, found a direction of 3/],
    [["--site", "pattern", "--over", "layer", "--add", "W_U[wrong]"], /a pattern is no vector/],
    [[...GRID, "--freeze-ln"], /q_input, k_input, v_input\), found z/],
    [[...GRID, "-n", "0"], /-n: expected a whole number from 1 to 10000, found "0"/],
    [
      ["--site", "mlp_out", "--over", "layer", "--metric", "attn_score_diff[0.0]"],
      /reads nothing that an edit of mlp_out at these places can change/,
    ],
    [["--site", "z", "--over", "layer,head,position", "--spec", numbers], /--spec/],
    [["--spec", numbers], /has no spec of a grid/],
    [[...GRID, "--script", "grid.txt"], /ends in \.py or \.ipynb/],
    [[...GRID, "--for", "nnsight"], /--script/],
    [[...GRID, "--script", join(folder, "no.py"), "--for", "pyvene"], /transformer-lens.*nnsight/s],
  ])
    test(args.join(" "), async () => {
      const n = args.includes("-n") ? OF.slice(0, 2) : OF;
      const { code, stdout, stderr } = await patch([...n, ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
});
