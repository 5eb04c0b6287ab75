// The hub's GPT-2 has a known hash. Here the page knows that of the tiny model instead, and gets it from the hub's
// address: nothing else is ever computed with.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { answerHub, HUB } from "./faults.mjs";
import {
  again,
  assertFigures,
  assertRefused,
  assertStored,
  fill,
  openModels,
  outcome,
  run,
  runWell,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import {
  asked as askedOf,
  from,
  GOOD,
  HEADER_END,
  reading,
  SIZE,
  SMALL,
  tinyFiles,
  WEIGHTS,
} from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();
let site;
before(async () => {
  site = await stage.siteKnowing(tinyFiles());
});

/** As the file, but for the lowest byte of a number: only the hash can tell. */
const flipped = (number) => {
  const bytes = Buffer.from(GOOD);
  bytes[HEADER_END + 4 * number] ^= 1;
  return bytes;
};
const FLIPPED = flipped(10_000);

/**
 * A page that has the hub's model chosen; `answers` are the hub's, one after another, for the weights, and `small` those for
 * the other files.
 */
async function scene(answers, { url = site, small = {}, model = HUB.id } = {}) {
  const page = await stage.open({ url });
  const files = { ...tinyFiles(), ...small, [WEIGHTS]: (n) => answers[n] ?? { bytes: GOOD } };
  const requests = await answerHub(page.context(), files);
  await fill(page, { ...TINY_FORM, model });
  const asked = () => requests.filter(({ name }) => name === WEIGHTS).map(({ range }) => range);
  return { page, asked };
}

async function fetchesAgain(page) {
  await again(page);
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await assertStored(page, HUB.id, { complete: true });
}

test("the file that it should be: kept with its revision and hash", async () => {
  const { page, asked } = await scene([]);
  assertFigures(await runWell(page));
  await assertStored(page, HUB.id, { complete: true, revision: HUB.revision, bytes: SMALL + SIZE });
  const { models } = await page.evaluate(() => window.patchbay.stored);
  assert.match(models[0].sha256, /^[0-9a-f]{64}$/);
  const dialog = await openModels(page);
  await dialog.getByRole("row", { name: new RegExp(`revision ${HUB.revision.slice(0, 8)}`) }).waitFor();
  assert.deepEqual(asked(), [null]);
});

test("a flipped byte: the hashes are named, nothing of the file is kept, and fetching again mends it", async () => {
  const { page, asked } = await scene([{ bytes: FLIPPED }]);
  await assertRefused(
    page,
    await run(page),
    "VerifyError",
    /model\.safetensors is not the file it should be/,
    /expected SHA-256 [0-9a-f]{8}/,
    /found [0-9a-f]{8}/,
  );
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  await fetchesAgain(page);
  assert.deepEqual(asked(), [null, null]);
});

test("a flipped byte in the first of two parts: found at the end, and both are dropped", async () => {
  const { page, asked } = await scene([{ bytes: FLIPPED.subarray(0, 250_000), announced: SIZE }]);
  await assertRefused(page, await run(page), "VerifyError", /not the file it should be/);
  assert.deepEqual(asked(), [null, from(250_000)]);
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  await fetchesAgain(page);
  assert.equal(asked().at(-1), null);
});

test("a model that is not GPT-2 is refused at GPT-2's address, and nothing of it is kept", async () => {
  for (const model of [HUB.id, `url:${HUB.base}`]) {
    const { page, asked } = await scene([], { url: stage.siteUrl, model });
    await assertRefused(page, await run(page), "VerifyError", /config\.json.*expected n_layer 12, found 3/);
    await assertStored(page, model, null);
    await page.reload();
    await page.waitForSelector("html[data-state=ready]");
    await fill(page, { ...TINY_FORM, model });
    await assertRefused(page, await run(page), "VerifyError", /expected n_layer 12/);
    assert.deepEqual(asked(), []);
  }
});

test("the hub's address as a base URL is checked as the hub's model is", async () => {
  const { page } = await scene([{ bytes: FLIPPED }], { model: `url:${HUB.base.slice(0, -1)}` });
  await assertRefused(
    page,
    await run(page),
    "VerifyError",
    /model\.safetensors is not the file it should be/,
  );
  await fill(page, { model: HUB.id });
  assertFigures(await runWell(page));
});

/** The n-th answer for a small file: the first is wrong. */
const wrongOnce = (name, change) => {
  const good = tinyFiles()[name];
  const wrong = Buffer.from(JSON.stringify(change(JSON.parse(good))));
  return { [name]: (n) => ({ bytes: n === 0 ? wrong : good }) };
};

for (const [what, small, ...words] of [
  [
    "more heads in config.json, which the weights would take",
    wrongOnce("config.json", (config) => ({ ...config, n_head: 8 })),
    /config\.json/,
    /expected n_head 4, found 8/,
  ],
  [
    "two numbers of tokenizer.json exchanged",
    wrongOnce("tokenizer.json", (tokenizer) => {
      const { vocab } = tokenizer.model;
      [vocab.a, vocab.b] = [vocab.b, vocab.a];
      return tokenizer;
    }),
    /tokenizer\.json/,
    /expected the number/,
  ],
]) {
  test(`${what}: refused, dropped, and fetching again mends it`, async () => {
    const { page, asked } = await scene([], { small });
    await assertRefused(page, await run(page), "VerifyError", ...words);
    await assertStored(page, HUB.id, null);
    assert.deepEqual(asked(), []);
    await fetchesAgain(page);
  });
}

test("a flipped byte from a real server: the hashes are named, it is dropped, and fetching again mends it", async () => {
  const server = await stage.faults(TINY);
  const page = await stage.open({ url: await stage.siteKnowing(tinyFiles(), server.url) });
  await fill(page, { ...TINY_FORM, model: HUB.id });
  const taken = await reading(page, server);
  server.plan(WEIGHTS, { flip: HEADER_END + 4 * 10_000, cutAfter: 250_000, until: taken });
  await assertRefused(
    page,
    await run(page),
    "VerifyError",
    /expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/,
  );
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  assert.deepEqual(askedOf(server), [null, from(250_000)]);
  await fetchesAgain(page);
  assert.deepEqual(askedOf(server), [null, from(250_000), null]);
});
