// `patchbay attribute` and `patchbay lens`: what they print, what they cost, and what they refuse.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { command } from "./commands.mjs";
import { CARD } from "./toy.mjs";

const OF = ["--device", "cpu", "-n", "6"];
/** The head that writes most of the answer, by the card. */
const { direct } = CARD.evaluation.heads;
const most = Math.max(...direct.flat());
const LAYER = direct.findIndex((row) => row.includes(most));
const WRITER = [LAYER, direct[LAYER].indexOf(most)];
const TAKEN = `${WRITER.join(".")}@END`;

const json = (name, ...args) => printed(name, [...OF, ...args]);

async function printed(name, args) {
  const { code, stdout, stderr } = await command(name, [...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const sizes = (value) => (Array.isArray(value) ? [value.length, ...sizes(value[0])] : []);
const PARTS = ["W_E", "W_pos", "heads", "b_O", "mlps", "b_U"];
const sum = (parts) => PARTS.flatMap((part) => [parts[part]].flat(2)).reduce((sum, part) => sum + part, 0);
// Sums of some 15 numbers of up to 10 in float32, rounded to 1e-6 each.
const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-5, `${found}, ${wanted}`);

describe("what the logit difference is made of", () => {
  test("adds up to what the model computes, in the mean and in each prompt, clean and corrupted", async () => {
    for (const run of ["clean", "corrupted"]) {
      const result = await json("attribute", "--per-prompt", "--run", run);
      assert.equal(result.model, "ioi-mini");
      assert.match(result.version, /^\d+\.\d+\.\d+$/);
      assert.ok(result.relative_miss < 1e-6, `${result.relative_miss}`);
      for (const parts of [result, ...result.per_prompt]) {
        assert.deepEqual([sizes(parts.heads), sizes(parts.b_O), sizes(parts.mlps)], [[4, 4], [4], [4]]);
        near(sum(parts), parts.logit_diff);
      }
      assert.equal(result.per_prompt.length, 6);
      // By another command: what a grid's edited run is without its edit.
      const { per_prompt_base } = await json(
        ...["patch", "--site", "z", "--over", "layer", "--at", "END", "--per-prompt"],
        ...["--direction", run === "clean" ? "noise" : "denoise"],
      );
      for (const [i, { logit_diff }] of result.per_prompt.entries()) near(logit_diff, per_prompt_base[i]);
    }
  });

  test("has intervals around its means", async () => {
    const { intervals, ...means } = await json("attribute");
    for (const part of ["logit_diff", ...PARTS]) {
      const [low, high, mean] = [intervals[part].low, intervals[part].high, means[part]].map((x) =>
        [x].flat(2),
      );
      assert.equal(low.length, mean.length);
      for (const i of mean.keys()) assert.ok(low[i] <= mean[i] && mean[i] <= high[i], `${part} ${i}`);
    }
    const ofOne = await printed("attribute", ["--device", "cpu", "-n", "1", "--no-symmetric"]);
    assert.equal(ofOne.intervals, null);
  });

  test("is another with a head's z zero", async () => {
    const before = await json("attribute");
    const after = await json("attribute", "--zero", `${TAKEN},0.1@S1+1+S2`);
    assert.deepEqual(after.spec.zero, [TAKEN, "0.1@S1+1+S2"]);
    const [taken, left] = [before, after].map(({ heads }) => heads[WRITER[0]][WRITER[1]]);
    assert.equal(left, 0);
    assert.ok(taken > 1 && after.logit_diff < before.logit_diff - 1);
    near(sum(after), after.logit_diff);
  });

  test("is a table, and comma-separated values", async () => {
    const result = await json("attribute");
    const table = await command("attribute", OF);
    assert.match(table.stdout, /layer, head +0 +1 +2 +3 +MLP +b_O\n/);
    assert.match(table.stdout, /they add up, to \d\.\de-\d+ of its size/);
    const { code, stdout } = await command("attribute", [...OF, "--csv"]);
    assert.equal(code, 0);
    const [head, ...lines] = stdout.trim().split("\n");
    assert.equal(head, "component,contribution,contribution_low,contribution_high");
    const layers = [0, 1, 2, 3];
    const components = ["W_E", "W_pos", ...layers.map((layer) => `MLP_${layer}`)];
    components.push(...layers.flatMap((layer) => [0, 1, 2, 3].map((head) => `${layer}.${head}`)));
    components.push(...layers.map((layer) => `b_O_${layer}`), "b_U");
    assert.deepEqual(
      lines.map((line) => line.split(",")[0]),
      components,
    );
    const { low, high } = result.intervals.heads;
    const numbers = lines[12].split(",").slice(1).map(Number);
    assert.deepEqual(numbers, [result.heads[1][2], low[1][2], high[1][2]]);
  });
});

describe("the logit lens", () => {
  const LABELS = [0, 1, 2, 3].flatMap((layer) => [`${layer}_pre`, `${layer}_mid`]).concat("final_post");

  test("frozen has what all components below add", async () => {
    const parts = await json("attribute");
    const { labels, values, intervals, per_prompt } = await json("lens", "--per-prompt");
    assert.deepEqual(labels, LABELS);
    assert.deepEqual(sizes(per_prompt), [6, 9]);
    for (const i of values.keys()) assert.ok(intervals.low[i] <= values[i] && values[i] <= intervals.high[i]);
    near(values[0], parts.W_E + parts.W_pos + parts.b_U);
    near(values[2] - values[1], parts.mlps[0]);
    near(values[3] - values[2], parts.heads[1].reduce((sum, head) => sum + head, 0) + parts.b_O[1]);
    near(values[8], parts.logit_diff);
  });

  test("live divides each stream by its own scale, the last by the run's", async () => {
    const [frozen, live] = [await json("lens"), await json("lens", "--scale", "live")];
    assert.deepEqual([frozen.spec.scale, live.spec.scale], ["frozen", "live"]);
    near(live.values[8], frozen.values[8]);
    assert.ok(Math.abs(live.values[3] - frozen.values[3]) > 0.01);
    const corrupted = await json("lens", "--run", "corrupted");
    assert.ok(corrupted.values[8] < 0 && frozen.values[8] > 0);
  });

  test("is told at every role, and without heads ends as the attribution without them", async () => {
    const { roles, values, spec } = await json("lens", "--zero", "1.2@END,0.1@all");
    assert.deepEqual(spec.zero, ["1.2@END", "0.1@all"]);
    assert.deepEqual(
      roles.map(({ role }) => role),
      ["IO", "S1", "S1+1", "S2", "END"],
    );
    assert.deepEqual(roles.at(-1).values, values);
    const { logit_diff } = await json("attribute", "--zero", "1.2@END,0.1@all");
    near(values.at(-1), logit_diff);
    const list = await command("lens", OF);
    assert.match(list.stdout, /every role, mean in logits\n\nstream, role +IO +S1 +S1\+1 +S2 +END\n/);
  });

  test("is a list, and comma-separated values", async () => {
    const { values, intervals } = await json("lens");
    const list = await command("lens", OF);
    assert.match(list.stdout, /final_post +-?\d+\.\d{4} +-?\d+\.\d{4} +-?\d+\.\d{4}\n/);
    const { stdout } = await command("lens", [...OF, "--csv"]);
    const [head, ...lines] = stdout.trim().split("\n");
    assert.equal(head, "stream,logit_diff,logit_diff_low,logit_diff_high");
    const numbers = lines[3].split(",").slice(1).map(Number);
    assert.deepEqual(numbers, [values[3], intervals.low[3], intervals.high[3]]);
  });
});

test("what they cost is said without running them", async () => {
  const [lens, attribute] = [await json("lens", "--cost"), await json("attribute", "--cost")];
  assert.deepEqual(lens.cost.flops, attribute.cost.flops);
  assert.ok(lens.cost.flops > 0 && lens.cost.flops < lens.cost.flops_one_by_one && lens.cost.seconds > 0);
});

describe("what is wrong is named, with what is possible", () => {
  for (const [name, args, said] of [
    ["attribute", ["--zero", "9"], /expected a head and its positions, as 0\.0@END.*found "9"/],
    ["attribute", ["--zero", "0.0@NOUN"], /no role "NOUN" in this task; there is IO, S1, S1\+1, S2, END/],
    ["attribute", ["--zero", "0.0@400"], /positions 0 to \d+ up to END; there is no 400/],
    ["attribute", ["--zero", "4.0@END"], /"4\.0@END": this model has layers 0 to 3; there is no layer 4/],
    ["attribute", ["--zero", "0.0@END,0.4@END"], /"0\.4@END": .*heads 0 to 3/],
    ["attribute", ["--run", "flipped"], /--run: expected one of clean, corrupted, found "flipped"/],
    ["attribute", ["--corruption", "abd"], /must be "abc" or a flip/],
    ["lens", ["--scale", "own"], /--scale: expected one of frozen, live, found "own"/],
    ["lens", ["--csv", "--json"], /--csv/],
    ["lens", ["-n", "0"], /-n: expected a whole number from 1 to 10000, found "0"/],
  ])
    test(`${name} ${args.join(" ")}`, async () => {
      const own = args.includes("-n") ? OF.slice(0, 2) : OF;
      const { code, stdout, stderr } = await command(name, [...own, ...args]);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
});
