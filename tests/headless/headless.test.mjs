// The headless command gives the reference's figures, and prints and refuses as the native one does.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";
import { headless, native } from "./commands.mjs";

const TINY = join(ROOT, "tests", "fixtures", "tiny");
const EXPECTED = JSON.parse(readFileSync(join(TINY, "expected.json"), "utf8"));
const MODEL = ["--model", TINY];
const HEAD = ["--layer", "2", "--head", "1"];
const RUN = [...MODEL, ...HEAD, "-n", "20"];
const TOLERANCE = 1e-3;

async function printed(command, args) {
  const { code, stdout, stderr } = await command(args);
  assert.equal(code, 0, stderr);
  return stdout;
}

function assertFigures(result) {
  const { conditions, edits } = EXPECTED.frozen_ln;
  assert.deepEqual(result.head, EXPECTED.head);
  assert.deepEqual(Object.keys(result.conditions), Object.keys(conditions));
  for (const [name, wanted] of Object.entries(conditions)) {
    const found = result.conditions[name];
    for (const column of ["diff", "io_score", "s1_score"]) {
      assert.equal(found[column].length, 20);
      const most = Math.max(...found[column].map((value, i) => Math.abs(value - wanted[column][i])));
      assert.ok(most <= TOLERANCE, `${name}.${column} is off by ${most}`);
    }
    assert.ok(Math.abs(found.mean_diff - wanted.mean_diff) <= TOLERANCE, `${name}.mean_diff`);
    if (name in edits)
      assert.equal(result.evidence.edits[name].prompts_touched, edits[name].prompts_touched, name);
  }
  assert.equal(result.evidence.noop_max_abs_change, 0);
}

describe("--json", () => {
  let keys;
  before(async () => {
    const result = JSON.parse(await printed(native, [...RUN, "--device", "cpu", "--json"]));
    assertFigures(result);
    keys = Object.keys(result).sort();
  });

  for (const [device, kind] of [
    ["cpu", "cpu"],
    ["webgpu", "gpu"],
  ]) {
    test(`on ${device}`, async () => {
      const result = JSON.parse(await printed(headless, [...RUN, "--device", device, "--json"]));
      assertFigures(result);
      assert.equal(result.device.device, kind);
      assert.deepEqual(Object.keys(result).sort(), keys);
    });
  }
});

test("the table is the native command's, but for the device and the time", async () => {
  const args = [...RUN, "--device", "cpu", "--accuracy"];
  const words = (table) =>
    table.replace(/^(Head .*, on ).*$/m, "$1DEVICE").replace(/^[\d.]+ s\n$/m, "TIME\n");
  const table = words(await printed(headless, args));
  assert.match(table, /^Head 2\.1, 20 prompts, on DEVICE\n[\s\S]*\nTIME\n$/);
  assert.equal(table, words(await printed(native, args)));
});

test("without --model it is ioi-mini at its own head, with the native command's figures", async () => {
  const folder = join(ROOT, "www/public/models/ioi-mini");
  const { default_head } = JSON.parse(readFileSync(join(folder, "card.json"), "utf8"));
  const result = JSON.parse(await printed(headless, ["--device", "cpu", "--accuracy", "--json"]));
  assert.equal(result.model, "ioi-mini");
  assert.deepEqual(result.head, default_head);
  assert.ok(result.accuracy >= 0.99, `${result.accuracy}`);
  const head = ["--layer", String(default_head[0]), "--head", String(default_head[1])];
  const ours = JSON.parse(await printed(native, ["--model", folder, ...head, "--device", "cpu", "--json"]));
  assert.equal(result.version, ours.version);
  for (const [name, { mean_diff }] of Object.entries(ours.conditions))
    assert.ok(Math.abs(result.conditions[name].mean_diff - mean_diff) < 1e-4, name);
});

const BAD_ARGUMENTS = [
  ["an unknown option", [...RUN, "--frobnicate"]],
  ["no prompts", [...MODEL, ...HEAD, "-n", "0"]],
  ["an odd number, symmetric", [...MODEL, ...HEAD, "-n", "21"]],
  ["a flip that cannot be read", [...RUN, "--flip", "ABB => BAB"]],
  ["a layer outside the model", [...MODEL, "--layer", "3", "--head", "1", "-n", "20"]],
];

describe("bad arguments: exit 2, and nothing on stdout", () => {
  for (const [what, args] of BAD_ARGUMENTS) {
    test(`${what}, headless`, async () => assertRefused(await headless(args), 2));

    test(`${what}, native`, async () => assertRefused(await native(args), 2));
  }
});

describe("what is not there: exit 1", () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "patchbay-"));
    cpSync(TINY, folder, { recursive: true });
    rmSync(join(folder, "tokenizer.json"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const commands = { headless, native };
  for (const [name, command] of Object.entries(commands)) {
    test(`a file of the model, ${name}`, async () => {
      assertRefused(await command(["--model", folder, ...HEAD, "-n", "20"]), 1, /tokenizer\.json/);
    });

    test(`the model's folder, ${name}`, async () => {
      assertRefused(await command(["--model", join(folder, "none"), ...HEAD]), 1, /none/);
    });
  }

  test("a browser", async () => {
    const none = join(folder, "no-browser");
    assertRefused(await headless(RUN, { CHROME_BIN: none }), 1, /CHROME_BIN .*no-browser.* does not exist/);
  });

  test("a browser that starts", async () => {
    const CHROME_BIN = process.execPath; // starts, and is no browser
    assertRefused(await headless(RUN, { CHROME_BIN }), 1, /the browser at .* did not start: ./);
  });
});

function assertRefused({ code, stdout, stderr }, expected, words = /./) {
  assert.equal(code, expected, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^[^\n]+\n$/, "one line");
  assert.match(stderr, words);
}
