// `patchbay heads`: what it prints, what it costs, and what it refuses.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { command } from "./commands.mjs";
import { TINY } from "./tiny.mjs";
import { HEAD, LAYER } from "./toy.mjs";

const OF = ["--device", "cpu", "-n", "6"];
const heads = (args) => command("heads", args);

async function json(...args) {
  const { code, stdout, stderr } = await heads([...OF, ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const sizes = (value) => (Array.isArray(value) ? [value.length, ...sizes(value[0])] : []);
const ROLES = ["END->IO", "END->S1", "END->S2", "S1+1->S1", "S2->S1"];
const IN_SEQUENCES = ["previous_token", "duplicate_token", "induction"];
const WITH_INTERVALS = [...IN_SEQUENCES, "direct", "ablated"];

describe("of the model that the command carries", () => {
  test("every figure is there for each layer and head, and how sure the means are", async () => {
    const result = await json();
    assert.equal(result.model, "ioi-mini");
    assert.match(result.version, /^\d+\.\d+\.\d+$/);
    assert.equal(result.prompts, 6);
    // The context of 64 holds 31 tokens twice after BOS.
    assert.deepEqual(result.spec.sequences, { n: 10, seed: 42, length: 31, prepend_bos: true });
    assert.deepEqual(Object.keys(result.attention).sort(), ROLES);
    const all = [...WITH_INTERVALS, "copying", "copying_negative"].map((name) => [name, result[name]]);
    for (const [name, of] of [...all, ...Object.entries(result.attention)])
      assert.deepEqual(sizes(of), [4, 4], name);
    const { intervals } = result;
    const sure = WITH_INTERVALS.map((name) => [result[name], intervals[name]]);
    sure.push(...ROLES.map((roles) => [result.attention[roles], intervals.attention[roles]]));
    for (const [mean, { low, high }] of sure) {
      assert.deepEqual(
        [sizes(low), sizes(high)],
        [
          [4, 4],
          [4, 4],
        ],
      );
      assert.ok(low[1][0] <= mean[1][0] && mean[1][0] <= high[1][0]);
    }
    assert.equal(result.copied, 109);
  });

  test("the name mover is told by what it looks at, copies and is worth", async () => {
    const { attention, copying, direct, ablated, logit_diff } = await json();
    const of = (figure) => figure[LAYER][HEAD];
    assert.ok(of(attention["END->IO"]) > 0.9);
    assert.ok(of(copying) > 0.6);
    assert.ok(of(direct) > 0.1 * logit_diff);
    assert.ok(of(ablated) < -0.1 * logit_diff);
  });

  test("the ablation is patch's, and the direct part attribute's", async () => {
    const { ablated, direct, logit_diff } = await json("--figures", "direct,ablated");
    const other = async (name, ...args) =>
      JSON.parse((await command(name, [...OF, ...args, "--json"])).stdout);
    const grid = await other("patch", "--site", "z", "--over", "layer,head", "--fill", "mean");
    // The change is the mean of differences there, and the difference of means here.
    assert.ok(Math.abs(ablated[0][2] - (grid.values[0][2] - grid.base)) < 1e-9);
    const { heads } = await other("attribute");
    assert.deepEqual(direct, heads);
    assert.ok(Math.abs(logit_diff - grid.base) < 1e-5);
  });

  test("some figures alone leave the others out", async () => {
    const result = await json("--figures", "copying");
    assert.deepEqual(sizes(result.copying), [4, 4]);
    for (const name of [...WITH_INTERVALS, "attention", "logit_diff"]) assert.equal(result[name], null, name);
  });

  test("a table for people has a line for each head, and says what was not asked by leaving it out", async () => {
    const { code, stdout } = await heads(OF);
    assert.equal(code, 0);
    const lines = stdout.trim().split("\n");
    assert.match(lines[0], /^6 prompts, on CPU; logit difference \d+\.\d{3}$/);
    assert.match(
      lines[1],
      /^head +previous +duplicate +induction +END->IO .*S2->S1 +copying +negative +direct +ablated$/,
    );
    const rows = lines.slice(2, 18).map((line) => line.split(/ +/));
    assert.deepEqual(
      rows.map(([head]) => head),
      [0, 1, 2, 3].flatMap((layer) => [0, 1, 2, 3].map((head) => `${layer}.${head}`)),
    );
    for (const row of rows) assert.equal(row.length, 13);
    const some = (await heads([...OF, "--figures", "direct"])).stdout.split("\n");
    assert.match(some[1], /^head +direct$/);
  });

  test("comma-separated values have a line for each head", async () => {
    const result = await json();
    const { code, stdout } = await heads([...OF, "--csv"]);
    assert.equal(code, 0);
    const [head, ...lines] = stdout.trim().split("\n");
    const names = head.split(",");
    assert.deepEqual(names.slice(0, 4), ["layer", "head", "previous_token", "previous_token_low"]);
    assert.equal(lines.length, 16);
    const row = Object.fromEntries(lines[4].split(",").map((cell, i) => [names[i], Number(cell)]));
    assert.deepEqual([row.layer, row.head], [1, 0]);
    assert.equal(row["END->IO_high"], result.intervals.attention["END->IO"].high[1][0]);
    for (const name of [...WITH_INTERVALS, "copying"]) assert.equal(row[name], result[name][1][0], name);
  });
});

test("sequences are the task's own where it has some", async () => {
  const task = ["--task", "induction", "--length", "8", "--seed", "5"];
  const { spec, attention, copied } = await json(...task, "--figures", "attention,copying");
  const { task: name, ...own } = spec.task;
  assert.equal(name, "induction");
  assert.deepEqual(spec.sequences, own);
  assert.deepEqual(Object.keys(attention).sort(), ["END->FIRST", "END->NEXT", "NEXT->FIRST"]);
  // The answer and the wrong one of each, unless two are alike.
  assert.ok(copied > 6 && copied <= 12);
});

test("another length of the sequences", async () => {
  const { spec } = await json("--length", "8", "--seed", "3", "--figures", "attention");
  assert.deepEqual(spec.sequences, { n: 10, seed: 3, length: 8, prepend_bos: true });
});

test("what it costs is said without running it, and each figure has its part in it", async () => {
  const cost = async (...args) => (await json("--cost", "--model", TINY, ...args)).cost;
  const all = await cost();
  assert.ok(all.flops > 0 && all.flops < all.flops_one_by_one && all.seconds > 0);
  let sum = 0;
  for (const figure of ["attention", "copying", "direct", "ablated"])
    sum += (await cost("--figures", figure)).flops;
  assert.ok(Math.abs(sum / all.flops - 1) < 1e-12);
});

describe("what is wrong is named, with what is possible", () => {
  for (const [args, said] of [
    [
      ["--figures", "ablation"],
      /--figures: expected one of attention, copying, direct, ablated, found "ablation"/,
    ],
    [["--length", "32"], /64.*at most 31/],
    [["--length", "1"], /the length must be at least 2, not 1/],
    [["--corruption", "abd"], /must be "abc" or a flip/],
    [["--csv", "--cost"], /--csv/],
  ])
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await heads([...OF, ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
});
