// What the native command says of itself and of arguments that are wrong.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { patchbay } from "./commands.mjs";
import { assertRefused } from "./tiny.mjs";

describe("help: on stdout, exit 0", () => {
  const help = async (...args) => {
    const { code, stdout, stderr } = await patchbay(args);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };

  test("without a command", async () => {
    const text = await help();
    assert.equal(text, await help("-h"));
    assert.match(text, /^GPT-2 with its activations on a patch bay\n\nUsage: patchbay <COMMAND>\n/);
  });

  test("every command has a sentence, and says what it costs", async () => {
    const commands = [...(await help("--help")).matchAll(/^ {2}([a-z]+) {2,}(.+)$/gm)].map(
      ([, ...both]) => both,
    );
    assert.deepEqual(
      commands.map(([name]) => name).filter((name) => !["help", "train"].includes(name)),
      [
        "run",
        "sweep",
        "attention",
        "patch",
        "paths",
        "attribute",
        "lens",
        "circuit",
        "heads",
        "cache",
        "decompose",
        "linear",
        "embed",
        "task",
        "dataset",
        "fetch",
        "evaluate",
        "verify",
        "bench",
      ],
    );
    for (const [name, sentence] of commands.filter(([name]) => name !== "help")) {
      const text = await help(name, "--help");
      assert.ok(text.startsWith(`${sentence}.\n\n`), name);
      assert.match(text.split("Usage:")[0], /Costs |Downloads /, name);
    }
  });

  test("of the devices it has the page's names", async () => {
    assert.match(await help("run", "-h"), /\[possible values: auto, cpu, webgpu\]/);
  });
});

const WRONG = [
  ["runn", "unrecognized subcommand 'runn'; a similar subcommand exists: 'run'"],
  ["run --modle x", "unexpected argument '--modle' found; a similar argument exists: '--model'"],
  ["--model x run", "unexpected argument '--model' found; 'run --model' exists"],
  [
    "run --device webgpuu",
    "--device: expected one of auto, cpu, webgpu, found \"webgpuu\"; a similar value exists: 'webgpu'",
  ],
  [
    "decompose --by key",
    "--by: expected one of keys, queries, both, found \"key\"; a similar value exists: 'keys'",
  ],
  [
    "sweep --experiment control",
    /^--experiment: expected one of patching_positions, .+, found "control"; .+: 'controls'$/,
  ],
  ["run --prompt-type abba", '--prompt-type: expected one of mixed, ABBA, BABA, found "abba"'],
  ["run --layer ten", '--layer: expected a whole number from 0 to 999, found "ten"'],
  ["run --layer -1", '--layer: expected a whole number from 0 to 999, found "-1"'],
  ["run --head 1.0", '--head: expected a whole number from 0 to 999, found "1.0"'],
  [
    "run --head 99999999999999999999",
    '--head: expected a whole number from 0 to 999, found "99999999999999999999"',
  ],
  ["run -n 0", '-n: expected a whole number from 1 to 10000, found "0"'],
  ["run -n -2", '-n: expected a whole number from 1 to 10000, found "-2"'],
  ["run --seed 4294967296", '--seed: expected a whole number from 0 to 4294967295, found "4294967296"'],
  ["bench --rows 4097", '--rows: expected a whole number from 1 to 4096, found "4097"'],
  ["run --name-mover 9", '--name-mover: expected a layer and a head, as 0.0, found "9"'],
  ["run --name-mover 9.x", '--name-mover: expected a layer and a head, as 0.0, found "9.x"'],
  ["fetch --to x --sha256 f00", '--sha256: expected 64 hexadecimal digits, found "f00"'],
  ["run --model", "a value is required for '--model <MODEL>' but none was supplied"],
  ["decompose", "the following required arguments were not provided: --by <BY>"],
];

describe("wrong arguments: exit 2, one line with what was expected or what is nearest", () => {
  for (const [args, expected] of WRONG) {
    test(args, async () => {
      const result = await patchbay(args.split(" "));
      assertRefused(result, 2);
      const [, words] = /^patchbay: (.*) \(--help lists the options\)\n$/.exec(result.stderr);
      if (expected instanceof RegExp) assert.match(words, expected);
      else assert.equal(words, expected);
    });
  }

  test("what only the crate or the model knows", async () => {
    assertRefused(
      await patchbay(["run", "-n", "3"]),
      2,
      /even number of prompts, not 3; use 4 or turn symmetric off$/,
    );
    assertRefused(await patchbay(["run", "--layer", "4"]), 2, /layers 0 to 3; there is no layer 4$/);
    assertRefused(await patchbay(["run", "--flip", "ABB"]), 2, /must have the form "ABB -> BAB, BAB -> ABB"/);
  });
});

test("gpu is another name of webgpu", async () => {
  // Of what this build answers, with a GPU or without, both are told the same.
  const [gpu, webgpu] = await Promise.all(
    ["gpu", "webgpu"].map((device) => patchbay(["run", "-n", "2", "--device", device])),
  );
  assert.notEqual(gpu.code, 2, gpu.stderr);
  assert.deepEqual([gpu.code, gpu.stderr], [webgpu.code, webgpu.stderr]);
});
