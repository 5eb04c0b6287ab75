// What goes wrong on the way from a server: each time what the page says, what it keeps, and the reference's figures
// from the next good run.

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
  progressText,
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
  OVERLAP,
  onceTaken,
  reading,
  runsWell,
  SIZE,
  SMALL,
  scene,
  tinyFiles,
  WEIGHTS,
} from "./scenes.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

for (const cut of [0, HEADER_END + 1, SIZE - 1]) {
  test(`cut at byte ${cut}: the rest is fetched in the same run`, async () => {
    const it = await scene(stage);
    it.server.plan(WEIGHTS, { cutAfter: cut, until: it.taken });
    await runsWell(it);
    assert.deepEqual(asked(it.server), [null, cut === 0 ? null : from(cut)]);
  });
}

test("more breaks than tries are no matter while the file gets on", async () => {
  const it = await scene(stage, { long: true });
  const part = 1_600_000;
  it.server.plan(WEIGHTS, ...Array(8).fill({ cutAfter: part, until: it.taken }));
  await runsWell(it);
  assert.deepEqual(
    asked(it.server),
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => (n === 0 ? null : from(n * part - (n - 1) * OVERLAP))),
  );
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

test("connection reset before the answer: tried again, for each of the files", async () => {
  const it = await scene(stage);
  for (const name of ["config.json", "tokenizer.json", WEIGHTS]) it.server.plan(name, { reset: true });
  await runsWell(it);
  assert.equal(gets(it.server.requests).length, 6);
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

test("404 for the tokenizer: named, and the weights are not asked for", async () => {
  const it = await scene(stage);
  it.server.plan("tokenizer.json", { status: 404 });
  await assertRefused(it.page, await run(it.page), "DownloadError", /tokenizer\.json/, /HTTP 404/);
  assert.deepEqual(asked(it.server), []);
  await assertStored(it.page, it.id, { complete: false, bytes: tinyFiles()["config.json"].length });
  await runsWell(it);
});

test("429 with Retry-After: the page says so, waits as long, and goes on", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { status: 429, headers: { "retry-after": "3" } });
  await pressRun(it.page);
  const { retry } = await loadStep(it.page, { stage: "retry" });
  assert.match(retry.why, /429/);
  assert.ok(retry.attempt === 1 || retry.attempt === 2, retry.attempt);
  assert.equal(retry.of, 5);
  assert.match(await progressText(it.page), /429/);
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
  assert.match(await progressText(it.page), /\d+%.* of 292 kB.*kB\/s.*left/);
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

test("a server without Range: all of it again after a break, never a part in the wrong place", async () => {
  const it = await scene(stage, { ranges: false });
  it.server.plan(WEIGHTS, { cutAfter: 100_000, until: it.taken });
  await runsWell(it);
  const ranges = asked(it.server);
  assert.ok(ranges.length <= 3, JSON.stringify(ranges));
  assert.equal(ranges[0], null);
});

test("no Content-Length: the header says how much there is", async () => {
  const it = await scene(stage);
  it.server.plan(WEIGHTS, { length: null, rate: 400_000 });
  await pressRun(it.page);
  assert.equal((await loadStep(it.page, { what: WEIGHTS, done: HEADER_END, total: true })).total, SIZE);
  const { end, result, message } = await outcome(it.page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await assertStored(it.page, it.id, { complete: true });
});

for (const part of [5, 100_000]) {
  test(`no Content-Length and an end at byte ${part} that looks like one: the rest is fetched`, async () => {
    // Without ETag: the short answer is to look like the whole one in everything but its end.
    const it = await scene(stage, { etag: false });
    it.server.plan(WEIGHTS, { truncateTo: part, length: null, until: it.taken });
    await runsWell(it);
    assert.deepEqual(asked(it.server), [null, from(part)]);
  });
}

for (const [what, length] of [
  ["more", SIZE + 1000],
  ["less", 200_000],
]) {
  test(`a Content-Length of ${what} than the header adds up to: refused with both figures`, async () => {
    const it = await scene(stage);
    // All of it, and then nothing: the browser drops what it has not given away yet when an answer breaks off.
    const answer = length > SIZE ? { length, cutAfter: SIZE, until: it.taken } : { length };
    it.server.plan(WEIGHTS, ...Array(9).fill(answer));
    await assertRefused(
      it.page,
      await run(it.page),
      "BadModel",
      /model\.safetensors/,
      new RegExp(grouped(SIZE)),
      new RegExp(grouped(length)),
    );
    await assertStored(it.page, it.id, null);
    await fetchesAgain(it);
    assert.deepEqual(asked(it.server), [null]);
  });
}

/** The digits, with or without a separator of thousands. */
const grouped = (figure) => String(figure).replace(/\B(?=(\d{3})+$)/g, "[,.]?");

test("the server's file is itself cut short: refused, and the mended file gives the figures", async () => {
  const it = await scene(stage);
  it.server.replace(WEIGHTS, GOOD.subarray(0, 200_000));
  await assertRefused(it.page, await run(it.page), "BadModel", /safetensors/);
  assert.equal(asked(it.server).length, 1, "asked again for what is all there");
  it.server.replace(WEIGHTS, GOOD);
  await runsWell(it);
});

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
  other.plan(WEIGHTS, { cutAfter: 100_000, until: await reading(it.page, other) });
  await runsWell(it);
  assert.deepEqual(asked(other), [null, from(100_000)]);
});

/** What a page of another origin sees where the server does not let it see more: no ETag, no Content-Range. */
const HIDDEN = { "access-control-expose-headers": "" };

for (const [what, shift, ranges] of [
  ["as asked for: taken by its bytes", 0, [null, from(100_000)]],
  ["from another byte: not taken", 4096, [null, from(100_000), null]],
]) {
  test(`headers hidden from the page, and a part ${what}`, async () => {
    const it = await scene(stage);
    it.server.plan(
      WEIGHTS,
      { cutAfter: 100_000, until: it.taken, headers: HIDDEN },
      { shift, headers: HIDDEN },
      { headers: HIDDEN },
    );
    await runsWell(it);
    assert.deepEqual(asked(it.server), ranges);
  });
}

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

test("answers that cannot be read while a part is kept: it stays, and the next run goes on from there", async () => {
  const it = await scene(stage);
  const failing = Array(9).fill({ status: 503, cors: false });
  it.server.plan(WEIGHTS, { cutAfter: 100_000, until: it.taken }, ...failing);
  await assertRefused(
    it.page,
    await run(it.page),
    "DownloadError",
    /model\.safetensors/,
    /not so that this page may read it/,
    /100 kB of 292 kB .*kept/,
  );
  await assertStored(it.page, it.id, { complete: false, bytes: SMALL + 100_000 });
  // One of them asked for all of it: it may only be the Range that is not allowed.
  const part = from(100_000);
  assert.deepEqual(asked(it.server), [null, part, part, part, null]);
  await fetchesAgain(it);
  assert.deepEqual(asked(it.server), [part]);
});

test("a server that answers nothing but HEAD is not said to lack CORS", async () => {
  const it = await scene(stage);
  it.server.down(true, "GET");
  const { message } = await run(it.page);
  assert.match(message, /tried 5 times/);
  assert.doesNotMatch(message, /CORS/);
  it.server.down(false);
  await runsWell(it);
});

/** Weights that a reader takes, with other figures than the reference's. */
const OTHER = Buffer.from(GOOD);
for (let at = HEADER_END; at < SIZE; at += 4) OTHER[at + 2] ^= 0x40;

/** Has the server send the other file up to a cut, and from then on the good one. */
function cutThenReplaced(it, path = WEIGHTS) {
  it.server.replace(path, OTHER);
  const replace = () => it.server.replace(path, GOOD);
  it.server.plan(path, { cutAfter: 100_000, until: onceTaken(it, replace) });
}

test("the server's file changes between two parts: all of the new one is fetched", async () => {
  const it = await scene(stage);
  cutThenReplaced(it);
  await runsWell(it);
  // A part of another version; all of it, which differs; and all of it for the model that begins anew.
  assert.deepEqual(asked(it.server), [null, from(100_000), null, null]);
});

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
  cutThenReplaced(it, `tiny/${WEIGHTS}`);
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
