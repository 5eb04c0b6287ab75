// `patchbay attention`: what it prints, what it costs, and what it refuses.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { command } from "./commands.mjs";
import { TINY } from "./tiny.mjs";
import { HEAD, LAYER } from "./toy.mjs";

const attention = (args) => command("attention", ["--device", "cpu", ...args]);

async function json(...args) {
  const { code, stdout, stderr } = await attention([...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe("of the model that the command carries", () => {
  test("the first prompt's last token attends to IO, which is what the model says", async () => {
    const result = await json();
    assert.equal(result.model, "ioi-mini");
    assert.match(result.version, /^\d+\.\d+\.\d+$/);
    const { layer, head, predictions, source } = result.spec;
    assert.deepEqual([layer, head, predictions], [LAYER, HEAD, 3]);
    assert.deepEqual([source.task.task, source.example, source.run], ["ioi", 0, "clean"]);
    const { IO, END } = result.roles;
    assert.equal(END, result.tokens.length - 1);
    assert.ok(result.pattern[END][IO] > 0.8);
    assert.deepEqual(result.predictions[END][0].id, result.ids[IO]);
    assert.ok(result.predictions[END][0].probability > 0.9);
    for (const of of [result.scores, result.pattern])
      assert.deepEqual(
        of.map((row) => row.length),
        result.tokens.map((_, query) => query + 1),
      );
  });

  test("the corrupted run is another prompt", async () => {
    const clean = await json("--prompt", "4");
    const corrupted = await json("--prompt", "4", "--run", "corrupted");
    // The flip has IO and S1 change places, with the token after S1.
    const { IO, S1 } = clean.roles;
    assert.deepEqual(corrupted.roles, { ...clean.roles, IO: S1, S1: IO, "S1+1": IO + 1 });
    assert.notDeepEqual(corrupted.ids, clean.ids);
    assert.deepEqual(corrupted.spec.source, { ...clean.spec.source, run: "corrupted" });
  });

  test("a table for people has the answer, and a line for each token", async () => {
    const { code, stdout } = await attention(["--prompt", "2"]);
    assert.equal(code, 0);
    const [about, answer, empty, header, ...lines] = stdout.trimEnd().split("\n");
    assert.equal(about, `head ${LAYER}.${HEAD} · prompt 2 of IOI, seed 42, on CPU`);
    assert.match(answer, /^At “ to” \(END\), head \d\.\d attends .+\. After “ to” the model says “ .+%\)/);
    assert.equal(empty, "");
    assert.match(header, /^token +score +pattern +then$/);
    assert.match(lines[0], /^0 "<\|endoftext\|>" +-?\d+\.\d{3} +\d\.\d{3} {2}\d+\.\d% "/);
    const last = lines.at(-2);
    assert.match(last, /^\d+ " to" END +-?\d+\.\d{3} +\d\.\d{3} {2}\d+\.\d% "/);
    assert.equal(lines.length - 1, Number(last.split(" ")[0]) + 1);
    assert.match(lines.at(-1), /^\d+\.\d s$/);
  });

  test("comma-separated values have a line for each query and key", async () => {
    const args = ["--text", "Then Mary", "--layer", "0", "--head", "2"];
    const result = await json(...args);
    const { code, stdout } = await attention([...args, "--csv"]);
    assert.equal(code, 0);
    const [header, ...lines] = stdout.trimEnd().split("\n");
    assert.equal(header, "query,key,score,pattern,value_weighted");
    const n = result.tokens.length;
    assert.equal(lines.length, n * n);
    assert.equal(lines[1].split(",").slice(2).join(), ",,");
    const [, , score, pattern, weighted] = lines.at(-2).split(",").map(Number);
    assert.ok(Math.abs(score - result.scores[n - 1][n - 2]) < 1e-6);
    assert.ok(Math.abs(pattern - result.pattern[n - 1][n - 2]) < 1e-6);
    assert.ok(Math.abs(weighted - pattern * result.value_norms[n - 2]) < 1e-5);
  });

  test("what controls a terminal is spelt out, and exact in JSON", async () => {
    const commands = ["\u001b", "\u202e"];
    const text = `${commands[0]}[31mred ${commands[1]}\n`;
    // This model's own tokenizer has no such characters.
    const of = ["--text", text, "--model", TINY];
    const { stdout } = await attention(of);
    for (const character of commands) assert.ok(!stdout.includes(character));
    assert.equal((await json(...of)).spec.source.text, text);
  });
});

test("the figures of the tiny model are those of the reference", async () => {
  const [entry] = JSON.parse(readFileSync(join(TINY, "text.json"), "utf8"));
  const { source, layer, head, predictions } = entry.spec;
  const result = await json(
    ...["--model", TINY, "--text", source.text],
    ...["--layer", `${layer}`, "--head", `${head}`, "--predictions", `${predictions}`],
  );
  assert.deepEqual(result.spec, entry.spec);
  assert.deepEqual(result.ids, entry.ids);
  for (const [query, row] of entry.pattern.entries())
    for (const [key, value] of row.entries())
      assert.ok(Math.abs(result.pattern[query][key] - value) < 1e-5, `${query}, ${key}`);
  for (const [at, [most]] of entry.log_probs.entries())
    assert.ok(Math.abs(result.predictions[at][0].probability - Math.exp(most)) < 1e-5, `${at}`);
});

test("what it costs is said without running it", async () => {
  const { spec, cost } = await json("--text", "Then", "--no-bos", "--cost", "--model", TINY);
  assert.deepEqual(spec.source, { text: "Then", prepend_bos: false });
  assert.ok(cost.flops > 0 && cost.seconds > 0);
});

describe("what is wrong is named, with what is possible", () => {
  for (const [args, said] of [
    [["--text", ""], /expected a text, found none/],
    [["--text", "W".repeat(64)], /has 65 tokens, with the one before it; this model reads at most 64/],
    [["--text", "a", "--prompt", "2"], /'--text <TEXT>' cannot be used with '--prompt <NUMBER>'/],
    [["--text", "a", "--task", "induction"], /'--text <TEXT>' cannot be used with '--task <TASK>'/],
    [["--prompt", "0"], /numbered from 1; there is no prompt 0/],
    [["--prompt", "7", "-n", "6"], /prompts 1 to 6; there is no prompt 7/],
    [["--predictions", "21"], /from 1 to 20 tokens, found 21/],
    [["--layer", "4"], /layers 0 to 3; there is no layer 4/],
    [["--run", "flipped"], /--run: expected one of clean, corrupted, found "flipped"/],
    [["--csv", "--cost"], /--csv/],
    [["--cost", "--script", "x.py"], /'--cost' cannot be used with '--script <FILE>'/],
  ])
    test(args.join(" ").slice(0, 60), async () => {
      const { code, stdout, stderr } = await attention(args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, said);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
});
