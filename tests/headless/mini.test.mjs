// Without --model the native command takes ioi-mini, which it carries.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";
import { command, patchbay } from "./commands.mjs";
import { assertRefused } from "./tiny.mjs";

const FOLDER = join(ROOT, "www/public/models/ioi-mini");
const { files, default_head, evaluation } = JSON.parse(readFileSync(join(FOLDER, "card.json"), "utf8"));
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const HEAD = ["--layer", `${default_head[0]}`, "--head", `${default_head[1]}`];

async function object(name, args, said = /^$/) {
  const { code, stdout, stderr } = await command(name, [...args, "--json"]);
  assert.equal(code, 0);
  assert.match(stderr, said);
  return JSON.parse(stdout);
}

/** What is said of the tokenizer where the model is named, as this one is where it is a folder. */
const LACKS = /^patchbay: The tokenizer has no token for 161 of the 256 bytes\..*\n$/;

/** Without what differs from one process, or one place of the files, to the next. */
const figures = ({ timings_ms, model, origin, ...result }) => result;

const COMMANDS = [
  ["run", ["-n", "8"], HEAD],
  ["sweep", ["-n", "8"], []],
  ["decompose", ["-n", "8", "--by", "keys"], HEAD],
  ["linear", ["-n", "8", "--of", "queries"], HEAD],
  ["embed", [" Alex"], []],
  ["heads", ["-n", "8"], []],
  ["evaluate", [], []],
];

describe("without --model: the files of the card, at its head, with the folder's figures", () => {
  for (const [name, args, head] of COMMANDS) {
    test(name, async () => {
      const cpu = [...args, "--device", "cpu"];
      const found = await object(name, cpu);
      assert.equal(found.model, "ioi-mini");
      assert.equal(found.version, version);
      assert.deepEqual(found.origin, {
        from: "embedded",
        revision: null,
        bytes: files["model.safetensors"].bytes,
        sha256: files["model.safetensors"].sha256,
        config_sha256: files["config.json"].sha256,
        tokenizer_sha256: files["tokenizer.json"].sha256,
      });
      const inFolder = await object(name, [...cpu, ...head, "--model", FOLDER], LACKS);
      assert.deepEqual(figures(found), figures(inFolder));
      assert.deepEqual({ ...inFolder.origin, from: "embedded" }, found.origin);
    });
  }

  test("dataset: sentences need no model; the tokens are its own", async () => {
    const found = await object("dataset", ["-n", "4"]);
    assert.deepEqual([found.model, found.version], ["ioi-mini", version]);
    const { tokens } = await object("dataset", ["-n", "4", "--model", FOLDER], /^/);
    assert.deepEqual(found.tokens, tokens);
    const { stdout } = await command("dataset", ["-n", "4"]);
    assert.equal(stdout.split("\n")[0], found.sentences[0]);
  });
});

test("the head is the card's where only one half is named too", async () => {
  const of = async (...args) => (await object("run", ["-n", "2", "--device", "cpu", ...args])).head;
  assert.deepEqual(await of(), default_head);
  assert.deepEqual(await of("--layer", "0"), [0, default_head[1]]);
  assert.deepEqual(await of("--head", "3"), [default_head[0], 3]);
});

test("evaluate has the figures of the card, and a table with the model's name", async () => {
  const { exams } = await object("evaluate", ["--device", "cpu"]);
  // Another CPU may sum in another order, which moves a prompt in a thousand at most.
  for (const [name, { accuracy }] of Object.entries(evaluation.exams))
    assert.ok(Math.abs(exams[name].accuracy - accuracy) <= 1e-3, name);
  const { stdout } = await command("evaluate", ["--device", "cpu"]);
  assert.match(stdout, /^ioi-mini\n/);
});

test("by its name it is the one within, unless there is such a path", async () => {
  assert.equal((await object("run", ["-n", "2", "--model", "ioi-mini"])).origin.from, "embedded");
  const root = mkdtempSync(join(tmpdir(), "patchbay-mini-"));
  const here = process.cwd();
  try {
    mkdirSync(join(root, "ioi-mini"));
    process.chdir(root);
    assertRefused(
      await patchbay(["run", "-n", "2", "--model", "ioi-mini"]),
      1,
      /expected config\.json in ioi-mini$/,
    );
    // Where nothing is named, no folder takes its place.
    assert.equal((await object("run", ["-n", "2"])).origin.from, "embedded");
  } finally {
    process.chdir(here);
    rmSync(root, { recursive: true });
  }
});
