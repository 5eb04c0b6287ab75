// `patchbay circuit`: what it prints, what it costs, and what it refuses.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { command } from "./commands.mjs";

const OF = ["--device", "cpu", "-n", "20"];
const circuit = (args) => command("circuit", args);
const KEEP = ["--keep", "1.0@END,0.3@S2+END"];

async function json(...args) {
  const { code, stdout, stderr } = await circuit([...OF, ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe("a circuit", () => {
  test("of the model that the command carries is what is left of the metric, and how sure that is", async () => {
    const result = await json(...KEEP, "--per-prompt");
    assert.equal(result.model, "ioi-mini");
    assert.match(result.version, /^\d+\.\d+\.\d+$/);
    assert.equal(result.prompts, 20);
    assert.equal(result.spec.task.corruption, "abc");
    assert.deepEqual(result.spec.keep, { nodes: ["1.0@END", "0.3@S2+END"] });
    for (const run of ["full", "circuit", "empty"]) {
      assert.equal(result.per_prompt[run].length, 20);
      assert.ok(Math.abs(mean(result.per_prompt[run]) - result[run]) < 1e-9, run);
      const { low, high } = result.intervals[run];
      assert.ok(low <= result[run] && result[run] <= high, run);
    }
    assert.ok(Math.abs(result.circuit / result.full - result.faithfulness) < 1e-9);
    assert.equal(result.nodes, undefined);
  });

  test("of all heads is the model, and patched with the clean run's own too", async () => {
    const heads = [0, 1, 2, 3].flatMap((layer) => [0, 1, 2, 3].map((head) => `${layer}.${head}`));
    const all = await json("--keep", heads.join(","));
    assert.equal(all.circuit, all.full);
    assert.equal(all.faithfulness, 1);
    // A flip of names that keeps all of them.
    const same = await json(...KEEP, "--fill", "patch", "--corruption", "ABB -> ABB, BAB -> BAB");
    assert.deepEqual([same.circuit, same.empty], [same.full, same.full]);
  });

  test("that is examined has what each node is worth", async () => {
    const result = await json(...KEEP, "--examine", "--fill", "zero");
    assert.deepEqual(
      result.nodes.map(({ node }) => node),
      ["1.0@END", "0.3@S2+END"],
    );
    for (const of of result.nodes) {
      const { without_in_circuit, without_in_model, minimality, incompleteness } = of;
      assert.equal(minimality.value, Math.abs(without_in_circuit.value - result.circuit));
      assert.equal(incompleteness.value, Math.abs(without_in_circuit.value - without_in_model.value));
      assert.ok(minimality.interval.low <= minimality.value && minimality.value <= minimality.interval.high);
      assert.deepEqual([of.class, of.minimality_in_class], [null, null]);
    }
    assert.equal(result.incompleteness.value, Math.abs(result.empty - result.complement.value));
    // Nodes of one's own have no classes.
    assert.equal(result.classes, undefined);
  });

  test("is comma-separated values for a spreadsheet, a line a run", async () => {
    const { full, intervals } = await json(...KEEP);
    const { code, stdout } = await circuit([...OF, ...KEEP, "--csv", "--examine"]);
    assert.equal(code, 0);
    const [head, first, ...lines] = stdout.trim().split("\n");
    assert.equal(head, "run,logit_diff,logit_diff_low,logit_diff_high");
    const [run, ...numbers] = first.split(",");
    assert.equal(run, "full");
    assert.deepEqual(numbers.map(Number), [full, intervals.full.low, intervals.full.high]);
    assert.equal(lines.length, 7);
  });

  test("is a table for people, with a percentage where it means something", async () => {
    const { code, stdout } = await circuit([...OF, ...KEEP, "--examine"]);
    assert.equal(code, 0);
    for (const line of [/^full +-?\d/m, /^circuit +-?\d/m, /^empty +-?\d/m, /^1\.0@END +-?\d/m])
      assert.match(stdout, line);
    assert.match(stdout, /^faithfulness: -?\d+\.\d %, -?\d+\.\d to -?\d+\.\d$/m);
    const kl = await circuit([...OF, ...KEEP, "--metric", "kl"]);
    const none = /^faithfulness: no percentage, since the full model's mean may be 0/m;
    assert.match(kl.stdout, none);
    // A pair of prompts has no interval.
    assert.match((await circuit(["--device", "cpu", "-n", "2", ...KEEP])).stdout, none);
  });
});

test("what it costs is said without running it", async () => {
  const cost = async (...args) => (await json(...KEEP, "--cost", ...args)).cost;
  const [plain, examined] = [await cost(), await cost("--examine")];
  for (const { flops, flops_one_by_one, seconds } of [plain, examined])
    assert.ok(flops > 0 && flops < flops_one_by_one && seconds > 0);
  assert.ok(examined.flops > plain.flops);
});

describe("what is wrong is named, with what is possible", () => {
  for (const [args, said] of [
    [["--keep", "9"], /expected a head and its positions, as 0.0@END.*found "9"/],
    [["--keep", ""], /expected a head and its positions, as 0.0@END.*found ""/],
    [["--keep", "1.0@NOUN"], /no role "NOUN" in this task; there is IO, S1, S1\+1, S2, END, and all/],
    [["--keep", "1.4@END"], /heads 0 to 3; there is no head 4/],
    [["--keep", "1.0@END,1.0@END"], /"1.0@END" is named twice/],
    [["--keep", "1.0@END,1.0"], /same head at the same position/],
    [["--preset", "ioi"], /one of GPT-2 small's, and this model has layers 0 to 3 of heads 0 to 3/],
    [["--preset", "ioi", ...KEEP], /--preset|--keep/],
    [[], /--keep/],
    [[...KEEP, "--fill", "noise"], /--fill: expected one of mean, zero, patch, found "noise"/],
    [[...KEEP, "--metric", "attn_score_diff[0.0]"], /reads nothing that a head writes/],
    [[...KEEP, "--corruption", "abd"], /must be "abc" or a flip/],
  ])
    test(args.join(" ") || "nothing", async () => {
      const { code, stdout, stderr } = await circuit([...OF, ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
});
