// `patchbay task`: the examples of each task, and what is refused; and that every task can be patched.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { command, NATIVE } from "./commands.mjs";
import { TINY } from "./tiny.mjs";

const folder = mkdtempSync(join(tmpdir(), "patchbay-task-"));
after(() => rmSync(folder, { recursive: true }));

function write(name, text) {
  const file = join(folder, name);
  writeFileSync(file, typeof text === "string" ? text : JSON.stringify(text));
  return file;
}

async function json(...args) {
  const { code, stdout, stderr } = await command("task", [...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** With standard input. */
function piped(input, args) {
  return new Promise((done) => {
    const child = execFile(NATIVE, args, { timeout: 60_000 }, (error, stdout, stderr) =>
      done({ code: error ? error.code : 0, stdout, stderr }),
    );
    child.stdin.end(input);
  });
}

const PAIR = {
  clean: "Then, Alex and Mary met. Mary gave a ring to",
  corrupt: "Then, Alex and Mary met. Alex gave a ring to",
  answers: [" Alex"],
  wrong_answers: [" Mary"],
};
const OTHER = {
  clean: "Then, Anna and John met. John gave a ring to",
  corrupt: "Then, Anna and John met. Anna gave a ring to",
  answers: [" Anna"],
  wrong_answers: [" John", " Mary"],
};

describe("the examples", () => {
  test("of ioi, in the model that the command carries", async () => {
    const found = await json("-n", "4");
    assert.deepEqual([found.model, found.spec.task, found.spec.dataset.n], ["ioi-mini", "ioi", 4]);
    assert.match(found.version, /^\d+\.\d+\.\d+$/);
    assert.deepEqual(Object.keys(found.roles).sort(), ["END", "IO", "S1", "S1+1", "S2"]);
    for (const row of [
      found.clean.text,
      found.clean.tokens,
      found.corrupted.text,
      found.corrupted.tokens,
      found.answers,
      found.wrong_answers,
      found.groups,
      ...Object.values(found.roles),
    ])
      assert.equal(row.length, 4);
    for (const [i, tokens] of found.clean.tokens.entries()) {
      assert.equal(tokens.length, found.roles.END[i] + 1, "up to END");
      assert.equal(tokens.length, found.corrupted.tokens[i].length);
      assert.deepEqual(found.answers[i], [tokens[found.roles.IO[i]]]);
      assert.deepEqual(found.wrong_answers[i], [tokens[found.roles.S2[i]]]);
      assert.equal(found.corrupted.tokens[i][found.roles.S2[i]], found.answers[i][0]);
    }
  });

  test("of induction", async () => {
    const { clean, corrupted, roles, answers, spec } = await json(
      ...["--task", "induction", "-n", "3", "--length", "7", "--no-bos"],
    );
    assert.deepEqual(spec, { task: "induction", n: 3, seed: 42, length: 7, prepend_bos: false });
    assert.deepEqual(roles, { FIRST: [5, 5, 5], NEXT: [6, 6, 6], END: [12, 12, 12] });
    for (const [i, tokens] of clean.tokens.entries()) {
      assert.deepEqual(tokens.slice(7), tokens.slice(0, 6));
      assert.deepEqual(corrupted.tokens[i].slice(7), tokens.slice(0, 6));
      assert.deepEqual(answers[i], [tokens[6]]);
    }
  });

  test("are a table for people", async () => {
    const { code, stdout } = await command("task", ["-n", "2"]);
    assert.equal(code, 0);
    const [head, clean, corrupted, rest] = stdout.split("\n");
    assert.equal(head, "2 examples in 1 group");
    assert.match(clean, /^\w.* to$/);
    assert.match(corrupted, /^ {4}\w.* to$/);
    assert.match(rest, /^ {4}" \w+"; wrong " \w+"; IO \d+, S1 \d+, S1\+1 \d+, S2 \d+, END \d+; group 0$/);
  });

  test("as comma-separated values are pairs", async () => {
    const table = (await command("task", ["-n", "4", "--csv"])).stdout;
    assert.match(table, /^clean,corrupted,answer,wrong,group,IO,S1,S1\+1,S2,END\n/);
    const { code, stdout, stderr } = await piped(table, [
      "task",
      "--task",
      "pairs",
      "--pairs",
      "-",
      "--json",
    ]);
    assert.equal(code, 0, stderr);
    const [found, wanted] = [JSON.parse(stdout), await json("-n", "4")];
    for (const field of ["clean", "corrupted", "answers", "wrong_answers"])
      assert.deepEqual(found[field], wanted[field]);
    // The names are exchanged at S2.
    assert.deepEqual(found.roles, { DIFF1: wanted.roles.S2, END: wanted.roles.END });
  });
});

describe("pairs", () => {
  const of = (file, ...args) => json("--task", "pairs", "--pairs", file, ...args);

  test("are read alike from each form, from a file and from standard input", async () => {
    const wanted = await of(write("pairs.json", { prompts: [PAIR, OTHER] }));
    assert.deepEqual(wanted.spec, { task: "pairs", prompts: [PAIR, OTHER], prepend_bos: true });
    assert.equal(wanted.left_out, undefined);
    const rows = [PAIR, OTHER].map(({ clean, corrupt, answers, wrong_answers }) => [
      `"${clean}"`,
      `"${corrupt}"`,
      answers.join("|"),
      wrong_answers.join("|"),
    ]);
    const table = (between) =>
      [["clean", "corrupted", "answer", "wrong"], ...rows].map((row) => row.join(between)).join("\n");
    for (const text of [JSON.stringify([PAIR, OTHER]), table(","), table("\t")]) {
      const found = await of(write("other", text));
      assert.deepEqual([found.spec, found.clean, found.roles], [wanted.spec, wanted.clean, wanted.roles]);
      const { stdout } = await piped(text, ["task", "--task", "pairs", "--pairs", "-", "--json"]);
      assert.deepEqual(JSON.parse(stdout), found);
    }
    const lines = await of(write("lines.txt", `${PAIR.clean} Alex | Alex | Mary\n`));
    assert.deepEqual(lines.spec.prompts, [PAIR]);
  });

  test("have roles by name, and no BOS where the file or the command says so", async () => {
    const file = { prompts: [PAIR], word_idxs: { S1: 4, IO: 2 } };
    const { roles } = await of(write("named.json", file));
    assert.deepEqual([roles.IO, roles.S1], [[3], [5]]);
    for (const found of [
      await of(write("named.json", file), "--no-bos"),
      await of(write("without.json", { ...file, prepend_bos: false })),
    ]) {
      assert.deepEqual([found.roles.IO, found.roles.S1], [[2], [4]]);
      assert.equal(found.spec.prepend_bos, false);
    }
  });

  test("that do not fit are named, each with its number and why, and the others are run", async () => {
    const long = { ...PAIR, clean: " a".repeat(70), corrupt: " a".repeat(70) };
    const prompts = [
      { ...PAIR, corrupt: `${PAIR.corrupt} a` },
      PAIR,
      { ...PAIR, answers: [" Alex Alex"] },
      7,
      { ...PAIR, clean: "", corrupt: "" },
      long,
      OTHER,
    ];
    const file = write("broken.json", { prompts });
    const { code, stdout, stderr } = await command("task", ["--task", "pairs", "--pairs", file, "--json"]);
    assert.equal(code, 0, stderr);
    const { left_out, spec, clean } = JSON.parse(stdout);
    assert.deepEqual(spec.prompts, [PAIR, OTHER]);
    assert.equal(clean.tokens.length, 2);
    assert.deepEqual(
      left_out.map(({ prompt }) => prompt),
      [1, 3, 4, 5, 6],
    );
    for (const [i, said] of [
      /clean prompt has 13 tokens and the corrupted one 14/,
      /the answer " Alex Alex" must be one token, and is " Alex", " Alex"/,
      /invalid type: integer/,
      /the clean prompt is empty/,
      /it has \d+ tokens, but the model's context is 64/,
    ].entries()) {
      assert.match(left_out[i].why, said);
      assert.match(stderr, new RegExp(`^patchbay: prompt ${left_out[i].prompt} is left out: .+$`, "m"));
    }
    const none = await command("task", ["--task", "pairs", "--pairs", write("none.json", [7, 8])]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no prompt can be run; prompt 1: invalid type/);
  });
});

describe("every task can be patched", () => {
  const patch = async (...args) => {
    const of = ["--device", "cpu", "--site", "resid_pre", "--over", "layer,role", "--json"];
    const { code, stdout, stderr } = await command("patch", [...of, ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const file = write("pairs-to-patch.json", { prompts: [PAIR, OTHER] });
  for (const [args, roles, decisive] of [
    [["--task", "ioi", "-n", "4"], ["IO", "S1", "S1+1", "S2", "END"], "S2"],
    [["--task", "induction", "-n", "4", "--length", "12"], ["FIRST", "NEXT", "END"], null],
    [["--task", "pairs", "--pairs", file], ["DIFF1", "END"], "DIFF1"],
  ])
    test(args.join(" "), async () => {
      const { axes, values, base, source, spec } = await patch(...args);
      assert.deepEqual(axes[1].labels, roles);
      assert.equal(spec.task.task, args[1]);
      // Where the runs differ in one token alone, that token's first resid_pre is all of the difference.
      if (decisive) assert.ok(Math.abs(values[0][roles.indexOf(decisive)] - source) < 1e-4);
      assert.equal(values[0][roles.indexOf("END")], base, "the last token is the same in both");
    });

  test("the mean that is put in is over all pairs of a length, wherever they differ", async () => {
    const at = { clean: OTHER.clean, corrupt: OTHER.clean.replace("Anna", "Alex") };
    const mixed = write("mixed.json", [PAIR, { ...OTHER, ...at }]);
    const { roles, groups } = await json("--task", "pairs", "--pairs", mixed);
    assert.deepEqual(groups, [0, 0]);
    const [late, early] = roles.DIFF1;
    assert.notEqual(late, early);
    const values = async (place) => {
      const of = ["--device", "cpu", "--site", "z", "--over", "layer,head", "--fill", "mean", "--json"];
      const args = [...of, "--per-prompt", "--task", "pairs", "--pairs", mixed, "--at", `${place}`];
      return JSON.parse((await command("patch", args)).stdout).per_prompt;
    };
    const by_role = await values("DIFF1");
    assert.deepEqual(by_role[0], (await values(late))[0]);
    assert.deepEqual(by_role[1], (await values(early))[1]);
  });

  test("a result's spec has the pairs", async () => {
    const result = await patch("--task", "pairs", "--pairs", file);
    assert.deepEqual(result.spec.task.prompts, [PAIR, OTHER]);
    const again = await command("patch", [
      "--device",
      "cpu",
      "--spec",
      write("result.json", result),
      "--json",
    ]);
    assert.deepEqual(JSON.parse(again.stdout).values, result.values);
  });
});

describe("what is wrong is named, with what is possible", () => {
  const pairs = write("good.json", [PAIR]);
  for (const [args, code, said] of [
    [["--task", "oio"], 2, /--task: expected one of ioi, induction, greater_than, pairs, found "oio"/],
    [
      ["--task", "induction", "--symmetric"],
      2,
      /--symmetric is an option of --task ioi, and not of induction/,
    ],
    [["--task", "greater_than", "--corruption", "abc"], 2, /--corruption is an option of --task ioi/],
    [["--length", "7"], 2, /--length is an option of --task induction, and not of ioi/],
    [["--pairs", pairs], 2, /--pairs is an option of --task pairs, and not of ioi/],
    [
      ["--task", "pairs", "--pairs", pairs, "-n", "7"],
      2,
      /-n is an option of --task ioi, induction, greater_than, and not of pairs/,
    ],
    [["--task", "pairs"], 2, /the task pairs needs --pairs FILE/],
    [["--task", "pairs", "--pairs", join(folder, "missing")], 1, /cannot read .*missing/],
    [["--task", "pairs", "--pairs", folder], 1, /expected a file, found a folder/],
    [["--task", "pairs", "--pairs", write("empty", "")], 2, /expected pairs as JSON, .*; it is empty/],
    [
      ["--task", "pairs", "--pairs", write("half.csv", "clean,corrupted\n")],
      2,
      /the header "clean, corrupted" has no column answer/,
    ],
    [["--task", "induction", "-n", "0"], 2, /from 1 to 10000, found "0"/],
    [["--task", "induction", "--length", "1"], 2, /the length must be at least 2, not 1/],
    [
      ["--task", "induction", "--length", "40"],
      2,
      /the model's context of 64, room for a length of at most 31/,
    ],
    [
      ["--task", "greater_than", "--model", TINY],
      1,
      /greater_than needs years that are read as " 17" and "32"; this tokenizer reads " 1732" as/,
    ],
    [["--csv", "--json"], 2, /cannot be used with/],
  ])
    test(args.join(" "), async () => {
      const found = await command("task", args);
      assert.deepEqual([found.code, found.stdout], [code, ""], found.stderr);
      assert.match(found.stderr, said);
      assert.equal(found.stderr.trim().split("\n").length, 1);
    });

  test("a role or a metric of another task", async () => {
    const grid = ["--site", "z", "--over", "layer,head", "--task", "induction", "-n", "2", "--model", TINY];
    for (const [args, said] of [
      [["--at", "S2"], /no role "S2" in this task; there is FIRST, NEXT, END/],
      [["--metric", "attn_score_diff[1.0]"], /role "IO"/],
    ]) {
      const { code, stderr } = await command("patch", [...grid, "--device", "cpu", ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
    }
  });
});
