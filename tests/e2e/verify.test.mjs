// The hub's GPT-2 has a known hash. Here the page knows that of the tiny model instead, and gets it from the hub's
// address: nothing else is ever computed with.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerHub, HUB } from "./faults.mjs";
import {
  assertFigures,
  assertRefused,
  assertStored,
  fill,
  openStage,
  outcome,
  run,
  runWell,
  TINY_FORM,
} from "./helpers.mjs";
import { from, GOOD, HEADER_END, SIZE, SMALL, tinyFiles, WEIGHTS } from "./scenes.mjs";

let stage;
let site;
before(async () => {
  stage = await openStage();
  site = await stage.siteKnowing(GOOD);
});
after(() => stage.close());

/** As the file, but for the lowest byte of a number: only the hash can tell. */
const FLIPPED = Buffer.from(GOOD);
FLIPPED[HEADER_END + 4 * 60_000] ^= 1;

/** A page that has the hub's model chosen; `answers` are the hub's, one after another, for the weights. */
async function scene(t, answers, url = site) {
  const page = await stage.open({ url });
  t.after(() => page.context().close());
  const files = { ...tinyFiles(), [WEIGHTS]: (n) => answers[n] ?? { bytes: GOOD } };
  const requests = await answerHub(page.context(), files);
  await fill(page, { ...TINY_FORM, model: HUB.id });
  const asked = () => requests.filter(({ name }) => name === WEIGHTS).map(({ range }) => range);
  return { page, asked };
}

async function fetchesAgain(page) {
  await page.click("#again");
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await assertStored(page, HUB.id, { complete: true });
}

test("the file that it should be: kept with its revision and hash", async (t) => {
  const { page, asked } = await scene(t, []);
  assertFigures(await runWell(page));
  await assertStored(page, HUB.id, { complete: true, revision: HUB.revision, bytes: SMALL + SIZE });
  const { models } = await page.evaluate(() => window.patchbay.stored);
  assert.match(models[0].sha256, /^[0-9a-f]{64}$/);
  assert.match(await page.innerText("#stored-models"), new RegExp(HUB.revision.slice(0, 7)));
  assert.deepEqual(asked(), [null]);
});

test("a flipped byte: the hashes are named, nothing of the file is kept, and fetching again mends it", async (t) => {
  const { page, asked } = await scene(t, [{ bytes: FLIPPED }]);
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

test("a flipped byte in the header", async (t) => {
  const spoilt = Buffer.from(GOOD);
  spoilt[8] ^= 0xff;
  const { page, asked } = await scene(t, [{ bytes: spoilt }]);
  await assertRefused(page, await run(page), "BadModel", /safetensors/);
  assertFigures(await runWell(page));
  assert.deepEqual(asked(), [null, null]);
});

test("fetched in two parts, it is one file", async (t) => {
  const { page, asked } = await scene(t, [{ bytes: GOOD.subarray(0, 150_000), announced: SIZE }]);
  assertFigures(await runWell(page));
  assert.deepEqual(asked(), [null, from(150_000)]);
  await assertStored(page, HUB.id, { complete: true });
});

test("a flipped byte in the first of two parts: found at the end, and both are dropped", async (t) => {
  const { page, asked } = await scene(t, [{ bytes: FLIPPED.subarray(0, 250_000), announced: SIZE }]);
  await assertRefused(page, await run(page), "VerifyError", /not the file it should be/);
  assert.deepEqual(asked(), [null, from(250_000)]);
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  await fetchesAgain(page);
  assert.equal(asked().at(-1), null);
});

test("a file of another size is refused before it is read", async (t) => {
  const { page } = await scene(t, [{ bytes: GOOD.subarray(0, 200_000) }]);
  await assertRefused(page, await run(page), "VerifyError", /expected 291512 bytes/, /200000/);
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  await fetchesAgain(page);
});

test("a model that is not GPT-2 is refused at GPT-2's address, and nothing of it is kept", async (t) => {
  const { page } = await scene(t, [], stage.siteUrl);
  await assertRefused(page, await run(page), "VerifyError", /548105171/, /291512/);
  await assertStored(page, HUB.id, { complete: false, bytes: SMALL });
  await page.reload();
  await page.waitForSelector("html[data-state=ready]");
  await fill(page, TINY_FORM);
  await assertRefused(page, await run(page), "VerifyError", /548105171/);
});
