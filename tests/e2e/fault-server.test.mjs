// The fault server itself: what the other tests rely on.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { faultServer } from "./fault-server.mjs";

let folder;
let server;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "faults-"));
  writeFileSync(join(folder, "digits"), "0123456789");
});
beforeEach(async () => {
  server = await faultServer(folder);
});
afterEach(() => server.close());
after(() => rmSync(folder, { recursive: true }));

const get = (headers = {}, method = "GET") => fetch(`${server.url}digits`, { headers, method });

test("ranges, and what guards them", async () => {
  const whole = await get();
  const etag = whole.headers.get("etag");
  assert.equal(await whole.text(), "0123456789");
  for (const [headers, status, body] of [
    [{ range: "bytes=7-" }, 206, "789"],
    [{ range: "bytes=2-4" }, 206, "234"],
    [{ range: "bytes=10-" }, 416, "416\n"],
    [{ range: "bytes=7-", "if-range": etag }, 206, "789"],
    [{ range: "bytes=7-", "if-range": whole.headers.get("last-modified") }, 206, "789"],
    [{ range: "bytes=7-", "if-range": '"other"' }, 200, "0123456789"],
  ]) {
    const response = await get(headers);
    assert.equal(response.status, status);
    assert.equal(await response.text(), body);
  }
  server.replace("digits", "abc");
  const changed = await get();
  assert.equal(await changed.text(), "abc");
  assert.notEqual(changed.headers.get("etag"), etag);
  assert.notEqual(changed.headers.get("last-modified"), whole.headers.get("last-modified"));
});

test("planned faults come once each, in order, and only to GETs", async () => {
  server.plan("digits", { status: 503, headers: { "retry-after": "1" } }, { flip: 2 }, { truncateTo: 4 });
  assert.equal((await get({}, "HEAD")).status, 200);
  const busy = await get();
  assert.equal(busy.status, 503);
  assert.equal(busy.headers.get("retry-after"), "1");
  const flipped = Buffer.from(await (await get()).arrayBuffer());
  assert.deepEqual(flipped, Buffer.from("0123456789").fill(0x32 ^ 0xff, 2, 3));
  assert.equal(await (await get()).text(), "0123");
  assert.equal(await (await get()).text(), "0123456789");
  assert.deepEqual(
    server.requests.map(({ method, status, sent }) => [method, status, sent]),
    [
      ["HEAD", 200, 0],
      ["GET", 503, 0],
      ["GET", 200, 10],
      ["GET", 200, 4],
      ["GET", 200, 10],
    ],
  );
});

test("bodies that break off, and lengths that lie", async () => {
  server.plan("digits", { reset: true }, { cutAfter: 4 }, { length: 12 }, { length: 6 }, { length: null });
  await assert.rejects(get());
  for (const announced of ["10", "12"]) {
    const response = await get();
    assert.equal(response.headers.get("content-length"), announced);
    await assert.rejects(response.text());
  }
  assert.equal(await (await get()).text(), "012345");
  assert.equal(await (await get()).text(), "0123456789");
});
