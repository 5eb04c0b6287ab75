// `patchbay cache`: what it writes, what it costs, and what it refuses; and vectors of files in edits.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { command } from "./commands.mjs";
import { safetensors } from "./tiny.mjs";

const folder = mkdtempSync(join(tmpdir(), "patchbay-cache-"));
after(() => rmSync(folder, { recursive: true }));

const OF = ["--device", "cpu", "-n", "4"];
const cache = (...args) => command("cache", [...OF, ...args]);

/** A file's tensors and what is said of it. */
function read(path) {
  const bytes = readFileSync(path);
  const begin = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: about, ...tensors } = JSON.parse(bytes.subarray(8, begin));
  return { about, tensors, data: bytes.subarray(begin) };
}

test("activations come as a file with its tokens and its spec, and what it costs is said before", async () => {
  const to = join(folder, "z.safetensors");
  const asked = ["--site", "z,resid_post", "--layers", "1,2", "--at", "S2,END", "--to", to];
  const cost = JSON.parse((await cache(...asked, "--cost", "--json")).stdout).cost;
  assert.equal(existsSync(to), false);
  const { code, stdout, stderr } = await cache(...asked, "--json");
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  const { about, tensors, data } = read(to);
  assert.equal(data.length, cost.bytes);
  assert.equal(result.bytes, cost.bytes);
  assert.deepEqual(tensors["blocks.2.attn.hook_z"].shape, [4, 2, 4, 24]);
  assert.deepEqual(tensors["blocks.1.hook_resid_post"].shape, [4, 2, 96]);
  assert.deepEqual(JSON.parse(about.spec), result.spec);
  assert.deepEqual([about.model, about.model_sha256], ["ioi-mini", result.origin.sha256]);
  assert.deepEqual(JSON.parse(about.roles), ["IO", "S1", "S1+1", "S2", "END"]);
  assert.deepEqual(readdirSync(folder), ["z.safetensors"]);
});

test("nothing is written over unless that is said", async () => {
  const to = join(folder, "kept.safetensors");
  writeFileSync(to, "mine");
  const refused = await cache("--site", "z", "--to", to);
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /kept\.safetensors is there already; name another file, or give --overwrite/);
  assert.equal(readFileSync(to, "utf8"), "mine");
  const { code, stderr } = await cache("--site", "z", "--to", to, "--overwrite");
  assert.equal(code, 0, stderr);
  assert.ok(read(to).tensors["blocks.0.attn.hook_z"]);
});

for (const [args, said] of [
  [["--site", "q_input"], /--site: expected one of resid_pre, q, k, v, pattern, .*found "q_input"/],
  [["--site", "z", "--layers", "4"], /layers 0 to 3; there is no layer 4/],
  [["--site", "z", "--at", "NOUN"], /no role "NOUN" in this task/],
])
  test(`refused: ${args.join(" ")}`, async () => {
    const to = join(folder, "none.safetensors");
    const { code, stderr } = await cache(...args, "--to", to);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.equal(existsSync(to), false);
  });

const GRID = ["--site", "resid_post", "--over", "layer", "--at", "END"];

async function grid(...args) {
  const { code, stdout, stderr } = await command("patch", [...OF, ...GRID, ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Two rows of float32: the second has a 1 at 0. */
function vectors() {
  const rows = new Float32Array(2 * 96).fill(0.5, 0, 96);
  rows[96] = 1;
  const data = Buffer.from(rows.buffer);
  const path = join(folder, "two.safetensors");
  writeFileSync(path, safetensors({ dir: { dtype: "F32", shape: [2, 96], data_offsets: [0, 768] } }, data));
  return path;
}

test("a vector of a file is added, projected on and projected out, and named by file, tensor, row and hash", async () => {
  const file = vectors();
  const array = join(folder, "one.json");
  writeFileSync(array, JSON.stringify([1, ...Array(95).fill(0)]));
  const added = await grid("--add", `${file}:dir[1]`, "--times", "3");
  const [vector, times] = added.spec.fill.add;
  const { file: name, tensor, row, sha256, numbers } = vector.vector;
  assert.deepEqual([name, tensor, row, times], ["two.safetensors", "dir", 1, 3]);
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(numbers, [1, ...Array(95).fill(0)]);
  assert.deepEqual(added.values, (await grid("--add", array, "--times", "3")).values);
  assert.notDeepEqual(added.values, (await grid("--add", array)).values);
  const [out, on] = [
    await grid("--project-out", `${file}:dir[1]`),
    await grid("--project", `${file}:dir[1]`),
  ];
  assert.notDeepEqual(out.values, on.values);
  const table = await command("patch", [...OF, ...GRID, "--project-out", `${file}:dir[0]`]);
  assert.equal(table.code, 0, table.stderr);
});

for (const [of, said] of [
  [":dir", /two\.safetensors: it has 2 rows of 96 numbers; say which one is meant, from 0 to 1/],
  [":dir[2]", /expected a row from 0 to 1, found 2/],
  [":other[0]", /it has no tensor "other"; it has dir/],
])
  test(`a vector that is not there is refused: ${of}`, async () => {
    const { code, stderr } = await command("patch", [...OF, ...GRID, "--add", `${vectors()}${of}`]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  });
