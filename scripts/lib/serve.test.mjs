import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "./serve.mjs";

let folder;
let server;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "serve-"));
  writeFileSync(join(folder, "index.html"), "<title>page</title>");
  writeFileSync(join(folder, "a.wasm"), "0123456789");
  server = await serve(folder);
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const get = (path, headers = {}) => fetch(server.url + path, { headers });

/** fetch() resolves ".." before it sends; this does not. */
const statusOf = (path) =>
  new Promise((done, failed) => {
    request({ port: server.port, path }, (response) => done(response.resume().statusCode))
      .on("error", failed)
      .end();
  });

test("types, CORS and the index page", async () => {
  const wasm = await get("a.wasm");
  assert.equal(wasm.headers.get("content-type"), "application/wasm");
  assert.equal(wasm.headers.get("access-control-allow-origin"), "*");
  assert.equal(wasm.headers.get("cache-control"), "no-cache");
  assert.match(await (await get("")).text(), /page/);
  assert.equal((await get("missing")).status, 404);
});

test("ranges", async () => {
  for (const [range, status, body] of [
    ["bytes=2-4", 206, "234"],
    ["bytes=7-", 206, "789"],
    ["bytes=-2", 206, "89"],
    ["bytes=8-99", 206, "89"],
    ["bytes=10-", 416, null],
    ["lines=1-2", 200, "0123456789"],
  ]) {
    const response = await get("a.wasm", { range });
    assert.equal(response.status, status, range);
    if (body !== null) assert.equal(await response.text(), body, range);
  }
});

test("a range of a file that has changed since is all of it", async () => {
  const { headers } = await get("a.wasm");
  for (const [guard, status] of [
    [headers.get("etag"), 206],
    [headers.get("last-modified"), 206],
    ['"another"', 200],
  ]) {
    const response = await get("a.wasm", { range: "bytes=2-4", "if-range": guard });
    assert.equal(response.status, status, guard);
  }
});

test("nothing above the folder is served", async () => {
  for (const path of ["/../serve.mjs", "/%2e%2e/x", "/..%2fx", "/..%5cx", "/%00", "/%"]) {
    assert.equal(await statusOf(path), 404, path);
  }
});

test("a throttle slows a download down", async () => {
  writeFileSync(join(folder, "large"), Buffer.alloc(60_000));
  const slow = await serve(folder, { throttle: 200_000 });
  const begun = performance.now();
  const { byteLength } = await (await fetch(`${slow.url}large`)).arrayBuffer();
  assert.equal(byteLength, 60_000);
  assert.ok(performance.now() - begun > 250);
  await slow.close();
});

test("a page is cross-origin isolated unless that is not wanted", async () => {
  const policy = (headers) => [
    headers.get("cross-origin-opener-policy"),
    headers.get("cross-origin-embedder-policy"),
  ];
  assert.deepEqual(policy((await get("")).headers), ["same-origin", "credentialless"]);
  const plain = await serve(folder, { isolated: false });
  try {
    assert.deepEqual(policy((await fetch(plain.url)).headers), [null, null]);
  } finally {
    await plain.close();
  }
});
