// Models that cannot be right: each a message that says which file and what about it, and a good run after it.

import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { assertFigures, assertRefused, fill, run, runWell, TINY, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();
let folder;
let models;
before(async () => {
  folder = stage.folder();
  models = await stage.serve(folder);
});

/** A copy of the tiny model with something done to it. */
function spoilt(name, spoil) {
  const copy = join(folder, name);
  cpSync(TINY, copy, { recursive: true });
  spoil(copy);
  return `url:${models.url}${name}`;
}

const weights = (copy) => join(copy, "model.safetensors");

function editConfig(copy, change) {
  const path = join(copy, "config.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change }));
}

/** Changes the safetensors file: its header (must keep its length) and its data. */
function editWeights(copy, edit) {
  const bytes = readFileSync(weights(copy));
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  edit(JSON.parse(bytes.subarray(8, headerEnd)), bytes.subarray(headerEnd), bytes.subarray(8, headerEnd));
  writeFileSync(weights(copy), bytes);
}

const someTensor = (header) => Object.keys(header).find((name) => name.endsWith("h.1.mlp.c_fc.weight"));

const BAD = [
  ["no-config", (copy) => rmSync(join(copy, "config.json")), "DownloadError", /config\.json/, /404/],
  ["truncated", (copy) => truncateSync(weights(copy), 200_000), "BadModel", /200000|200,000/],
  [
    "endless-config",
    (copy) => writeFileSync(join(copy, "config.json"), " ".repeat(2 ** 20 + 1)),
    "BadModel",
    /config\.json has more than 1048576 bytes, which no GPT-2.s has\. Take/,
  ],
  [
    "garbage-tokenizer",
    (copy) => writeFileSync(join(copy, "tokenizer.json"), "{}"),
    "BadModel",
    /tokenizer\.json/,
  ],
  ["garbage-weights", (copy) => writeFileSync(weights(copy), "x".repeat(5000)), "BadModel", /safetensors/],
  ["more-layers", (copy) => editConfig(copy, { n_layer: 4 }), "BadModel", /h\.3|n_layer/],
  [
    "nan",
    (copy) =>
      editWeights(copy, (header, data) => {
        data.writeFloatLE(Number.NaN, header[someTensor(header)].data_offsets[0] + 40);
      }),
    "BadModel",
    /h\.1\.mlp\.c_fc\.weight/,
    /NaN|not finite|finite/i,
  ],
  [
    "wrong-type",
    (copy) =>
      editWeights(copy, (_, __, text) => {
        text.write("I32", text.indexOf("F32", text.indexOf("h.1.mlp.c_fc.weight")));
      }),
    "BadModel",
    /I32/,
  ],
];

for (const [name, spoil, kind, ...words] of BAD) {
  test(name, async () => {
    const page = await stage.open();
    await fill(page, { ...TINY_FORM, model: spoilt(name, spoil) });
    await assertRefused(page, await run(page), kind, ...words);
    await fill(page, { model: `url:${stage.modelUrl}` });
    assertFigures(await runWell(page));
  });
}

test("a wrong address or a wrong head costs neither the model in memory nor a download", async () => {
  const page = await stage.open();
  const weights = [];
  page.context().on("request", (request) => {
    const isDownload = request.method() === "GET" && request.url().endsWith("model.safetensors");
    if (isDownload) weights.push(request.url());
  });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  assertFigures(await runWell(page));
  await fill(page, { model: `url:${stage.modelUrl}typo` });
  assert.equal((await run(page)).error.name, "DownloadError");
  await fill(page, { model: spoilt("good", () => undefined), layer: "3", head: TINY_FORM.head });
  assert.equal((await run(page)).error.name, "BadInput");
  await fill(page, { model: `url:${stage.modelUrl}`, layer: TINY_FORM.layer, head: TINY_FORM.head });
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.origin.from, "memory");
  assert.equal(weights.length, 1);
});

test("a model for which the CPU has no memory is refused before any of its weights is asked for", async () => {
  const copy = stage.folder();
  cpSync(TINY, copy, { recursive: true });
  const [n_layer, n_head, n_embd, n_inner] = [48, 25, 1600, null];
  editConfig(copy, { n_layer, n_head, n_embd, n_inner, n_positions: 1024, n_ctx: 1024, vocab_size: 50_257 });
  const server = await stage.faults(copy);
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: `url:${server.url}`, device: "auto" });
  await assertRefused(
    page,
    await run(page),
    "DeviceError",
    /it needs 7\.1 GB, its weights alone 6\.2 GB/,
    /4\.3 GB at most/,
    /It may fit a GPU.*or run it natively.* \(no GPU: /,
  );
  const paths = server.requests.map(({ path }) => path);
  assert.ok(paths.includes("config.json") && !paths.some((path) => path.includes("safetensors")), `${paths}`);
  await fill(page, { model: `url:${stage.modelUrl}` });
  assertFigures(await runWell(page));
});
