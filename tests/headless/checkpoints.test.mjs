// The files of a model as others keep them, on the hub and in folders.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { command, DIRECT, native } from "./commands.mjs";
import { hub, sha256 } from "./hub.mjs";
import { assertFigures, assertRefused, SETTINGS, shards, TINY, vocabulary, without } from "./tiny.mjs";

const ID = "someone/tiny";

let root;
let server;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "patchbay-checkpoints-"));
  server = await hub();
});

afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

const run = (model, endpoint = server.url) =>
  native(["--model", model, ...SETTINGS], { ...DIRECT, HF_HOME: root, HF_ENDPOINT: endpoint });

/** The same files in a folder. */
function folderOf(files) {
  const folder = join(root, "folder");
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

test("vocab.json and merges.txt; that there is no tokenizer.json is remembered", async () => {
  const files = { ...without("tokenizer.json"), ...vocabulary() };
  const commit = server.publish(ID, files);
  const { origin } = assertFigures(await run(ID));
  assertFigures(await run(`${ID}@${commit}`, "http://127.0.0.1:9"));
  const there = assertFigures(await run(folderOf(files))).origin;
  assert.equal(there.tokenizer_sha256, origin.tokenizer_sha256);
});

test("shards, whose hash is of their bytes in order", async () => {
  const { "model.safetensors.index.json": index, ...parts } = shards();
  const files = { ...without("model.safetensors"), ...parts, "model.safetensors.index.json": index };
  server.publish(ID, files);
  const expected = sha256(Buffer.concat(Object.values(parts)));
  assert.equal(assertFigures(await run(ID)).origin.sha256, expected);
  const folder = folderOf(files);
  assert.equal(assertFigures(await run(folder)).origin.sha256, expected);
  const [, second] = Object.keys(parts);
  rmSync(join(folder, second));
  assertRefused(await run(folder), 1, new RegExp(`expected ${second}, which the index names, in `));
});

test("only pytorch_model.bin: how to convert it, and no download", async () => {
  const files = { ...without("model.safetensors"), "pytorch_model.bin": Buffer.alloc(200_000) };
  server.publish(ID, files);
  const words = /expected model\.safetensors in \S+; found pytorch_model\.bin.*save_pretrained\(/;
  assertRefused(await run(ID), 1, words);
  assert.ok(server.requests.every(({ path, method }) => method === "HEAD" || !path.endsWith(".bin")));
  assertRefused(await run(folderOf(files)), 1, words);
});

for (const [name, expected] of [
  ["config.json", /expected config\.json in|config\.json answers HTTP 404 .*no such file/],
  ["tokenizer.json", /expected tokenizer\.json, or vocab\.json and merges\.txt in/],
  [
    "model.safetensors",
    /expected model\.safetensors, or model\.safetensors\.index\.json and what it names in/,
  ],
]) {
  test(`no ${name}`, async () => {
    server.publish(ID, without(name));
    assertRefused(await run(ID), 1, expected);
    assertRefused(await run(folderOf(without(name))), 1, expected);
  });
}

test("the head is the model's usual one where none is named, and is said", async () => {
  const of = async (...args) => {
    const { code, stdout, stderr } = await native(["--model", TINY, "-n", "4", "--device", "cpu", ...args]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.deepEqual(JSON.parse(await of("--json")).head, [2, 3]);
  assert.deepEqual(JSON.parse(await of("--json", "--layer", "1")).head, [1, 3]);
  assert.match(await of("--head", "0"), /^Head 2\.0, 4 prompts, on CPU\n/);
  const { stdout } = await command("linear", [
    "--model",
    TINY,
    "-n",
    "4",
    "--of",
    "queries",
    "--device",
    "cpu",
  ]);
  assert.match(stdout, /^Head 2\.3, 4 prompts/);
});
