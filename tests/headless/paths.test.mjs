// `patchbay paths`: what it prints, what it costs, and what it refuses.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { command } from "./commands.mjs";
import { CARD, HEAD, LAYER } from "./toy.mjs";

const OF = ["--device", "cpu", "-n", "10", "--corruption", "abc"];
const paths = (args) => command("paths", args);

async function json(...args) {
  const { code, stdout, stderr } = await paths([...OF, ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe("paths", () => {
  test("from every head have values, changes and how sure they are, and null where there is no path", async () => {
    const result = await json("--receivers", `${LAYER}.${HEAD}.q`, "--per-prompt");
    assert.equal(result.model, "ioi-mini");
    assert.match(result.version, /^\d+\.\d+\.\d+$/);
    assert.deepEqual(
      result.axes.map(({ name, labels }) => [name, labels]),
      [
        ["layer", ["0", "1", "2", "3"]],
        ["head", ["0", "1", "2", "3"]],
      ],
    );
    const { values, change, intervals } = result;
    for (const of of [
      values,
      change,
      intervals.low,
      intervals.high,
      intervals.change_low,
      intervals.change_high,
    ])
      assert.deepEqual(of[LAYER], [null, null, null, null]);
    assert.ok(Math.abs(mean(result.per_prompt_clean) - result.clean) < 1e-9);
    for (const head of [0, 1, 2, 3]) {
      assert.ok(Math.abs(mean(result.per_prompt.map((prompt) => prompt[0][head])) - values[0][head]) < 1e-9);
      assert.ok(Math.abs(values[0][head] - result.clean - change[0][head]) < 1e-9);
      assert.ok(intervals.change_low[0][head] <= change[0][head]);
      assert.ok(change[0][head] <= intervals.change_high[0][head]);
    }
    // The head that END finds S2 with, and that the name mover reads, is the one of the card.
    const least = (of) => Math.min(...of.slice(0, LAYER).flat());
    const place = (of) => of.slice(0, LAYER).flat().indexOf(least(of));
    assert.equal(place(change), place(CARD.evaluation.paths.change));
  });

  test("carry nothing where the other run is the same", async () => {
    const same = ["--corruption", "ABB -> ABB, BAB -> BAB"];
    const { code, stdout, stderr } = await paths([
      ...OF.slice(0, 4),
      ...same,
      "--receivers",
      "logits",
      "--json",
    ]);
    assert.equal(code, 0, stderr);
    const { clean, values } = JSON.parse(stdout);
    assert.deepEqual(
      values,
      [0, 1, 2, 3].map(() => [clean, clean, clean, clean]),
    );
  });

  test("from some senders are named by them", async () => {
    const result = await json("--receivers", "1.0.k,1.0.v", "--senders", "0.2@S2,0.1@S1+S1+1,0.0");
    assert.deepEqual(result.axes, [{ name: "sender", labels: ["0.2@S2", "0.1@S1+S1+1", "0.0@all"] }]);
    assert.equal(result.values.length, 3);
  });

  test("with frozen MLPs are less than with MLPs that read them", async () => {
    const [recomputed, frozen] = await Promise.all(
      ["recomputed", "frozen"].map((mlps) => json("--receivers", "logits", "--mlps", mlps)),
    );
    // All MLPs of this model but the first write nothing.
    assert.notDeepEqual(recomputed.values[0], frozen.values[0]);
    // With the MLPs held, what a head of the last layer writes reaches the logits by itself.
    const direct = JSON.parse((await command("attribute", [...OF, "--json"])).stdout);
    assert.ok(Math.sign(frozen.change[LAYER][HEAD]) === -Math.sign(direct.heads[LAYER][HEAD]));
  });

  test("are a table, comma-separated values or what they cost", async () => {
    const to = ["--receivers", "logits"];
    const [table, csv, cost] = await Promise.all(
      [[], ["--csv"], ["--cost", "--json"]].map((args) => paths([...OF, ...to, ...args])),
    );
    assert.match(
      table.stdout,
      /10 prompts.*\nlogit_diff, mean change in logits; clean \d+\.\d{4}\n\nlayer, head +0 /s,
    );
    const [header, ...lines] = csv.stdout.trimEnd().split("\n");
    assert.equal(
      header,
      "layer,head,logit_diff,logit_diff_low,logit_diff_high,change,change_low,change_high",
    );
    assert.equal(lines.length, 16);
    const { flops, flops_one_by_one } = JSON.parse(cost.stdout).cost;
    assert.ok(flops > 0 && flops < flops_one_by_one);
  });
});

describe("what cannot be asked is refused", () => {
  for (const [args, message] of [
    [[], /--receivers/],
    [["--receivers", "9.9"], /expected logits, or q, k or v of a head, as 0\.0\.q, found "9\.9"/],
    [["--receivers", "1.0.z"], /found "1\.0\.z"/],
    [["--receivers", "0.1.q"], /no head is below layer 0/],
    [["--receivers", "4.1.q"], /layers 0 to 3/],
    [
      ["--receivers", "1.0.q", "--senders", "1.1"],
      /there is no path: 1\.0\.q reads what layers below 1 write/,
    ],
    [["--receivers", "1.0.q", "--senders", "0.1@S2"], /queries and logits are read at END/],
    [["--receivers", "1.0.q", "--senders", "0.1@S3"], /no role "S3"/],
    [["--receivers", "logits,1.0.q"], /found both/],
    [["--receivers", "1.0.q", "--metric", "loss"], /there is no metric "loss"/],
    [["--receivers", "1.0.q", "--mlps", "off"], /--mlps: expected one of recomputed, frozen/],
  ])
    test(args.join(" ") || "no receivers", async () => {
      const { code, stdout, stderr } = await paths([...OF, ...args]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, message);
    });
});
