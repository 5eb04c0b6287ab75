// Text and files that mean harm, or are only odd: nothing commands the terminal, hangs, panics or takes the rest with it.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { command, NATIVE, native } from "./commands.mjs";
import { safetensors, TINY } from "./tiny.mjs";

const HEAD = ["--layer", "2", "--head", "1", "--device", "cpu"];
// Of the kinds that a terminal obeys: ESC with OSC and BEL, C1, and the one that turns the direction.
const EVIL = "\u001b]0;owned\u0007\u009b31m\u202e";
/** Whether a terminal would do something else than show it, or break a line. */
const commands = (text) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll("\n", ""));

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "patchbay-hostile-"));
  cpSync(TINY, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name, text) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** Sentences of the lexicon's names, which the tiny model reads. */
const generated = async (n) => {
  const { stdout } = await command("dataset", ["--model", TINY, "--json", "-n", `${n}`]);
  const { sentences, io, s } = JSON.parse(stdout);
  return sentences.map((sentence, i) => ({ sentence, io: io[i], s: s[i] }));
};

describe("what commands a terminal is shown and not obeyed", () => {
  const refused = async (model, expected) => {
    const { code, stdout, stderr } = await native(["--model", model, ...HEAD, "-n", "2"]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.ok(!commands(stderr));
    assert.match(stderr, expected);
    assert.match(stderr, /^[^\n]+\n$/);
  };

  test("in a configuration", async () => {
    const config = JSON.parse(readFileSync(join(TINY, "config.json")));
    write("config.json", JSON.stringify({ ...config, activation_function: EVIL }));
    await refused(folder, /\\u\{1b\}|\\u001b/);
  });

  test("in a tensor's name", async () => {
    const header = { [`h.0.${EVIL}`]: { dtype: "F32", shape: [9], data_offsets: [0, 4] } };
    write("model.safetensors", safetensors(header, Buffer.alloc(4)));
    await refused(folder, /\\u\{1b\}|\\u001b/);
  });

  test("in the name of a folder", async () => {
    await refused(join(folder, `none${EVIL}`), /none\\u\{1b\}\]0;owned\\u\{7\}\\u\{9b\}31m\\u\{202e\}/);
  });

  test("in an argument", async () => {
    const { code, stderr } = await native(["--model", TINY, `--${EVIL}`]);
    assert.equal(code, 2);
    assert.ok(!commands(stderr));
  });

  test("in a prompt: in a table written out, in JSON exact", async () => {
    const [prompt] = await generated(2);
    const sentence = prompt.sentence.replace(",", `,${EVIL}\n`);
    const file = write("prompts.json", JSON.stringify([{ ...prompt, sentence }]));
    const table = await command("dataset", ["--prompts", file]);
    assert.ok(!commands(table.stdout + table.stderr));
    assert.match(table.stdout, /^[^\n]*\\u\{1b\}\]0;owned[^\n]*\\n[^\n]*\n {4}[^\n]+\n$/);
    const json = await command("dataset", ["--prompts", file, "--model", TINY, "--json"]);
    assert.ok(!commands(json.stdout));
    assert.equal(json.code, 0, json.stderr);
    assert.equal(JSON.parse(json.stdout).sentences[0], sentence);
  });
});

describe("own prompts: one that cannot be run is left out, with its number", () => {
  const at = (...args) =>
    ["--model", TINY, "-n", "20", ...HEAD, "--json", ...args].filter((arg) => arg !== "-n" && arg !== "20");

  test("a lone surrogate, another type, a missing name, a length and one that does not fit", async () => {
    const [first, second] = await generated(2);
    const broken = [
      JSON.stringify({ ...first, sentence: "\ud800" }),
      "7",
      JSON.stringify({ sentence: first.sentence, io: first.io }),
      JSON.stringify({ ...first, sentence: "x".repeat(5000) }),
      JSON.stringify({ ...first, io: first.s }),
    ];
    const file = write(
      "prompts.json",
      `\ufeff[${[JSON.stringify(first), ...broken, JSON.stringify(second)].join(",")}]`,
    );
    const { code, stdout, stderr } = await native(at("--prompts", file));
    assert.equal(code, 0, stderr);
    const { conditions, left_out, spec } = JSON.parse(stdout);
    assert.deepEqual(
      left_out.map(({ prompt }) => prompt),
      [2, 3, 4, 5, 6],
    );
    for (const number of [2, 3, 4, 5, 6])
      assert.match(stderr, new RegExp(`^patchbay: prompt ${number} is left out: .+$`, "m"));
    assert.match(left_out[0].why, /surrogate/);
    assert.deepEqual(spec.dataset.prompts, [first, second]);
    const alone = await native(at("--prompts", write("two.json", JSON.stringify([first, second]))));
    assert.deepEqual(conditions.clean.diff, JSON.parse(alone.stdout).conditions.clean.diff);
    assert.equal(JSON.parse(alone.stdout).left_out, undefined);
  });

  for (const [what, text, words] of [
    [
      "none that can be run",
      '[{"sentence":"\\ud800","io":"a","s":"b"}]',
      /no prompt can be run; prompt 1: .*surrogate/,
    ],
    ["no array", '{"sentence":', /is no JSON array of objects with "sentence", "io" and "s"/],
    ["an empty array", "[]", /from 1 to 2000 prompts/],
  ]) {
    test(what, async () => {
      const { code, stdout, stderr } = await native(at("--prompts", write("prompts.json", text)));
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, words);
    });
  }
});

describe("what is no regular file is refused and not waited for", {
  skip: process.platform === "win32",
}, () => {
  for (const name of ["config.json", "tokenizer.json", "model.safetensors", "patchbay.json"]) {
    test(`a pipe for ${name}`, async () => {
      rmSync(join(folder, name), { force: true });
      execFileSync("mkfifo", [join(folder, name)]);
      const { code, stderr } = await native(["--model", folder, ...HEAD]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`cannot read \\S*${name}.*found a pipe or a device`));
    });
  }

  test("a pipe for a model or for prompts, a device, a file that is too large", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    assert.match(
      (await native(["--model", pipe, ...HEAD])).stderr,
      /--model: expected a folder, found a file/,
    );
    for (const file of [pipe, "/dev/zero", folder])
      assert.match(
        (await native(["--model", TINY, "--prompts", file, ...HEAD])).stderr,
        /expected a file, found a (pipe or a device|folder)/,
      );
    execFileSync("truncate", ["-s", "1G", join(folder, "tokenizer.json")]);
    assert.match(
      (await native(["--model", folder, ...HEAD])).stderr,
      /tokenizer\.json is larger than 64 MiB/,
    );
  });
});

describe("nothing panics", { skip: process.platform === "win32" }, () => {
  /** Of a shell: `{ code, stdout, stderr }`. */
  const shell = (script, ...args) =>
    new Promise((done) => {
      execFile(
        "bash",
        ["-c", script, "bash", NATIVE, ...args],
        { timeout: 60_000 },
        (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  test("on a path that is not UTF-8", { skip: process.platform !== "linux" }, async () => {
    renameSync(folder, `${folder}-moved`);
    const script = `mv "$2-moved" "$2"$'\\xff' && "$1" run --model "$2"$'\\xff' -n 2 --json --layer 2 --head 1 --device cpu; code=$?; rm -r "$2"$'\\xff'; exit $code`;
    const { code, stdout, stderr } = await shell(script, folder);
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).model, `${folder}\ufffd`);
  });

  test("when nobody reads", async () => {
    const { code, stdout, stderr } = await shell('"$1" dataset -n 2000 | head -1; exit $PIPESTATUS');
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^[^\n]+\n$/);
    // Neither results nor complaints.
    const closed = await shell('"$1" dataset -n 0 2>&1 | true; exit $PIPESTATUS');
    assert.equal(closed.code, 2);
    const full = await shell('"$1" dataset > /dev/full');
    assert.equal(full.code, 1);
    assert.match(full.stderr, /^patchbay: No space left on device[^\n]*\n$/);
  });
});
