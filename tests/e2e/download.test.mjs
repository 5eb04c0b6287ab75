// What goes wrong on the way from a server: each time what the page says, what it keeps, and the reference's figures
// from the next good run. All that a server may answer otherwise is tested in www/files and www/worker.

import assert from "node:assert/strict";
import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertFigures,
  assertRefused,
  assertStored,
  DIST,
  fill,
  loadStep,
  outcome,
  pressRun,
  progressSays,
  run,
  runWell,
  TINY,
  TINY_FORM,
} from "./helpers.mjs";
import { severalFiles } from "./models.mjs";
import {
  asked,
  fetchesAgain,
  from,
  GOOD,
  gets,
  HEADER_END,
  onceTaken,
  reading,
  runsWell,
  SIZE,
  SMALL,
  scene,
  WEIGHTS,
} from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

test("cut in the middle: the rest is fetched in the same run", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { cutAfter: 200_000, until: it.taken });
  await runsWell(it);
  assert.deepEqual(asked(it.server), [null, from(200_000)]);
});

test("no way through: given up after five tries, what came is kept, and the next run goes on from there", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { cutAfter: 100_000, until: onceTaken(it, () => it.server.down(true)) });
  await assertRefused(
    it.page,
    await run(it.page),
    "DownloadError",
    /model\.safetensors/,
    /tried 5 times/,
    /100 kB of 292 kB .*kept/,
  );
  await assertStored(it.page, it.id, { complete: false, bytes: SMALL + 100_000, total: SMALL + SIZE });
  assert.deepEqual(asked(it.server), [null, ...Array(4).fill(from(100_000))]);
  it.server.down(false);
  await fetchesAgain(it);
  assert.deepEqual(asked(it.server), [from(100_000)]);
});

test("404: said at once, nothing of the file is kept", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, ...Array(9).fill({ status: 404 }));
  await assertRefused(
    it.page,
    await run(it.page),
    "DownloadError",
    /Expected model\.safetensors at http/,
    /found HTTP 404/,
  );
  assert.equal(asked(it.server).length, 1);
  await assertStored(it.page, it.id, { complete: false, bytes: SMALL });
  await fetchesAgain(it);
  assert.deepEqual(asked(it.server), [null]);
});

test("429 with Retry-After: the page says so, waits as long, and goes on", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { status: 429, headers: { "retry-after": "3" } });
  await pressRun(it.page);
  const { retry } = await loadStep(it.page, { stage: "retry" });
  assert.match(retry.why, /429/);
  assert.ok(retry.attempt === 1 || retry.attempt === 2, retry.attempt);
  assert.equal(retry.of, 5);
  await progressSays(it.page, /429/);
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
  const [first, second] = it.server.requests.filter(({ path }) => path === WEIGHTS);
  assert.ok(second.at - first.at >= 3000, `it came after ${second.at - first.at} ms`);
});

test("at 100 kB/s: bytes, rate and time left are shown, and it comes to an end", async () => {
  const it = await scene(stage, { rate: 100_000 });
  await pressRun(it.page);
  const step = await loadStep(it.page, { what: WEIGHTS, done: 150_000 });
  assert.equal(step.stage, "download");
  assert.equal(step.total, SIZE);
  assert.ok(step.rate > 50_000 && step.rate < 200_000, `${step.rate} bytes a second`);
  await progressSays(it.page, /\d+%.* of 292 kB.*kB\/s.*left/);
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

test("no Content-Length: the header says how much there is", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { length: null, rate: 150_000 });
  await pressRun(it.page);
  assert.equal((await loadStep(it.page, { what: WEIGHTS, done: HEADER_END, total: true })).total, SIZE);
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await assertStored(it.page, it.id, { complete: true });
});

test("a Content-Length of more than the header adds up to: refused with both figures", async () => {
  const it = await scene(stage);
  const length = SIZE + 1000;
  // All of it, and then nothing: the browser drops what it has not given away yet when an answer breaks off.
  it.server.plan(WEIGHTS, ...Array(9).fill({ length, cutAfter: SIZE, until: it.taken }));
  const found = await run(it.page);
  const figures = [SIZE, length].map((figure) => new RegExp(grouped(figure)));
  await assertRefused(it.page, found, "BadModel", /model\.safetensors/, ...figures);
  await assertStored(it.page, it.id, null);
  await fetchesAgain(it);
  assert.deepEqual(asked(it.server), [null]);
});

/** The digits, with or without a separator of thousands. */
const grouped = (figure) => String(figure).replace(/\B(?=(\d{3})+$)/g, "[,.]?");

test("compressed on the way, where Content-Length says another length", async () => {
  const it = await scene(stage);
  for (const name of ["config.json", "tokenizer.json", WEIGHTS]) it.server.plan(name, { gzip: true });
  await runsWell(it);
});

test("a flipped byte in the header: refused, none of it is kept, the next run fetches all of it", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { flip: 8 });
  await assertRefused(it.page, await run(it.page), "BadModel", /safetensors/);
  await assertStored(it.page, it.id, null);
  it.server.requests.length = 0;
  await runsWell(it);
  assert.deepEqual(asked(it.server), [null]);
});

test("redirected to another origin with CORS, the parts too", async () => {
  const it = await scene(stage);
  const other = await stage.faults(TINY);
  const there = { redirect: `${other.url}${WEIGHTS}` };
  it.server.plan(WEIGHTS, there, there);
  other.plan(WEIGHTS, { cutAfter: 100_000, until: await reading(it.page, it.server, other) });
  await runsWell(it);
  assert.deepEqual(asked(other), [null, from(100_000)]);
});

/** What a page of another origin sees where the server does not let it see more: no ETag, no Content-Range. */
const HIDDEN = { "access-control-expose-headers": "" };

test("headers hidden from the page: a part is known by its bytes", async () => {
  const it = await scene(stage);
  const hidden = { headers: HIDDEN };
  it.server.plan(WEIGHTS, { cutAfter: 100_000, until: it.taken, ...hidden }, hidden);
  await runsWell(it);
  assert.deepEqual(asked(it.server), [null, from(100_000)]);
});

test("weights in several files, and vocab.json with merges.txt: the same figures, stored as one model", async () => {
  const files = severalFiles(TINY);
  const it = await scene(stage, { files });
  const first = await runsWell(it);
  assert.equal(first.origin.from, "network");
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  await assertStored(it.page, it.id, { complete: true, bytes });
  await it.server.close();
  await it.reload();
  const second = await runWell(it.page);
  assertFigures(second);
  assert.equal(second.origin.from, "storage");
  assert.equal(second.origin.sha256, first.origin.sha256);
});

test("no CORS at all: said soon, in so many words", async () => {
  const it = await scene(stage, { cors: false });
  await assertRefused(it.page, await run(it.page), "DownloadError", /config\.json/, /CORS/);
  // Once or twice could be a connection that broke.
  assert.equal(gets(it.server.requests).length, 3);
  await assertStored(it.page, it.id, null);
});

/** Weights that a reader takes, with other figures than the reference's. */
const OTHER = Buffer.from(GOOD);
for (let at = HEADER_END; at < SIZE; at += 4) OTHER[at + 2] ^= 0x40;

/** The site and the model on one origin. */
async function sameOrigin() {
  const folder = stage.folder();
  for (const name of readdirSync(DIST)) symlinkSync(join(DIST, name), join(folder, name));
  cpSync(TINY, join(folder, "tiny"), { recursive: true });
  const server = await stage.faults(folder);
  const page = await stage.open({ url: server.url });
  const id = `url:${server.url}tiny/`;
  await fill(page, { ...TINY_FORM, model: id });
  const parts = () => server.requests.filter(({ path }) => path === `tiny/${WEIGHTS}`);
  return { server, page, id, parts, taken: await reading(page, server) };
}

test("from the page's own origin the parts are guarded by If-Range", async () => {
  const it = await sameOrigin();
  it.server.plan(WEIGHTS, { cutAfter: 100_000, until: it.taken });
  await runsWell(it);
  const [first, second, ...more] = it.parts();
  assert.equal(first.ifRange, null);
  assert.equal(second.range, from(100_000));
  assert.match(second.ifRange, /^"[0-9a-f]+"$/);
  assert.equal(second.status, 206);
  assert.deepEqual(more, []);
});

test("If-Range brings the whole of a file that has changed", async () => {
  const it = await sameOrigin();
  const path = `tiny/${WEIGHTS}`;
  it.server.replace(path, OTHER);
  const mend = () => it.server.replace(path, GOOD);
  it.server.plan(path, { cutAfter: 100_000, until: onceTaken(it, mend) });
  await runsWell(it);
  assert.deepEqual(
    it.parts().map(({ status, range }) => [status, range]),
    [
      [200, null],
      [200, from(100_000)],
      [200, null],
    ],
  );
});
