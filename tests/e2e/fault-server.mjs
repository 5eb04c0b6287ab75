// A file server that fails as it is told to: what real servers and networks do to a download, on demand.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { TYPES } from "../../scripts/lib/serve.mjs";

/** As the hub's: every site may read, and a plain Range needs no preflight; any other header is refused by it. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "range",
  "access-control-expose-headers":
    "accept-ranges, content-length, content-range, etag, last-modified, retry-after",
};

/**
 * Serves a folder. `rate` is in bytes a second and a response; `ranges: false` answers every Range with the whole
 * file; `etag: false` sends no ETag.
 *
 * `plan(path, ...answers)`: the next GETs for the path (or for any path that ends in "/" and it) are answered by
 * these, one each, then well again. An answer is an object with any of
 * - `status`, `headers`: such a status with a short text (redirects are `redirect: url`)
 * - `cutAfter`: the socket ends after so many bytes of this answer's body; `reset: true`: before any header
 * - `until`: asked again and again before the body ends or is cut, which is not before it says true; a browser drops what
 *   it has not read by then. `holdAfter`: it is asked after so many bytes of the body
 * - `flip`: the byte at this offset of the file is inverted
 * - `shift`: a part begins so many bytes before the one that was asked for
 * - `truncateTo`: a whole answer, but of a file that ends there
 * - `length`: Content-Length says this instead; null: there is none
 * - `gzip: true`: compressed on the way, as by many a server; Content-Length counts the compressed bytes
 * - `rate`, `ranges`, `cors`, `etag` (the text of the header) as those of the server, for this answer
 *
 * `down(true)` resets every connection from now on, and `down(false)` ends that; `down(true, method)` only those that
 * ask with this method.
 * `replace(path, bytes)` changes the file from now on, and with it ETag and Last-Modified.
 * `requests` tells of every request, those of a browser's preflight too; `sent` counts the bytes of its body so far,
 * `at` is when it came; `probe`: the page cannot read its answer, and asks only whether there is one. No plan is used up
 * by that. `sent()` counts the bytes of all bodies that pages could read.
 * @returns {Promise<{url: string, port: number, requests: object[], sent(): number, plan: Function, down: Function, replace: Function, close(): Promise<void>}>}
 */
export async function faultServer(dir, { cors = true, rate = null, ranges = true, etag = true } = {}) {
  const requests = [];
  /** The same, whatever a test takes off that list. */
  const all = [];
  const plans = new Map();
  const replaced = new Map();
  const root = resolve(dir);
  let isDown = () => false;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname).slice(1);
    const { range = null, "if-range": ifRange = null } = request.headers;
    const { method } = request;
    const probe = request.headers["sec-fetch-mode"] === "no-cors";
    const record = { method, path, range, ifRange, probe, status: null, sent: 0, at: Date.now() };
    requests.push(record);
    all.push(record);
    const planned = method === "GET" && !probe ? (queueFor(plans, path)?.shift() ?? {}) : {};
    const file = replaced.get(path) ?? read(root, path);
    const how = { cors, rate, ranges, etag, ...planned, ...(isDown(method) ? { reset: true } : {}) };
    answer(request, response, record, file, how).catch(() => response.destroy());
  });
  await new Promise((ready, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", ready);
  });
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    requests,
    sent: () => all.reduce((sum, { sent, probe }) => sum + (probe ? 0 : sent), 0),
    plan(path, ...answers) {
      plans.set(path, answers);
    },
    down(is, only = null) {
      isDown = (method) => is && (only === null || method === only);
      if (is) server.closeAllConnections();
    },
    replace(path, bytes) {
      const before = replaced.get(path) ?? read(root, path);
      // A date has whole seconds: two files of the same second would look the same.
      const modified = new Date((before?.modified.getTime() ?? 0) + 2000);
      replaced.set(path, { bytes: Buffer.from(bytes), type: typeOf(path), modified });
    },
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

function queueFor(plans, path) {
  for (const [name, queue] of plans) {
    if (path === name || path.endsWith(`/${name}`)) return queue;
  }
}

/** The file, or the index page of the folder; null where there is none. Read anew each time: tests change files. */
function read(root, path) {
  const file = join(root, path === "" || path.endsWith("/") ? `${path}index.html` : path);
  if (!file.startsWith(root)) return null;
  try {
    return { bytes: readFileSync(file), type: typeOf(file), modified: statSync(file).mtime };
  } catch {
    return null;
  }
}

const typeOf = (path) => TYPES[extname(path)] ?? "application/octet-stream";

const etagOf = (bytes) => `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;

async function answer(request, response, record, file, how) {
  const head = (status, headers) => {
    record.status = status;
    response.writeHead(status, {
      // One request a connection: a browser tries again by itself where a used one fails.
      connection: "close",
      "cache-control": "no-cache",
      ...(how.cors ? CORS : {}),
      ...headers,
      ...how.headers,
    });
  };
  const plain = (status, headers = {}) => {
    const text = `${status}\n`;
    head(status, { "content-type": TYPES[".txt"], "content-length": text.length, ...headers });
    response.end(request.method === "HEAD" ? undefined : text);
  };

  if (how.reset) return request.socket.resetAndDestroy();
  if (request.method === "OPTIONS") return plain(how.cors ? 200 : 405);
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405);
  if (how.redirect !== undefined) return plain(302, { location: how.redirect });
  if (how.status !== undefined) return plain(how.status);
  if (file === null) return plain(404);

  const bytes = file.bytes.subarray(0, how.truncateTo);
  const validators = { "last-modified": file.modified.toUTCString() };
  if (how.etag) validators.etag = how.etag === true ? etagOf(bytes) : how.etag;
  const ranges = how.ranges && !how.gzip;
  const range = ranges ? rangeOf(record, bytes.length, validators) : null;
  if (range === "unsatisfiable") return plain(416, { "content-range": `bytes */${bytes.length}` });

  const { start, end } = range ?? { start: 0, end: bytes.length };
  const shift = range ? (how.shift ?? 0) : 0;
  const body = Buffer.from(bytes.subarray(start - shift, end - shift));
  if (how.flip >= start && how.flip < end) body[how.flip - start] ^= 0xff;
  const sent = how.gzip ? gzipSync(body) : body;
  const length = how.length === undefined ? sent.length : how.length;
  head(range ? 206 : 200, {
    "content-type": file.type,
    ...validators,
    ...(ranges ? { "accept-ranges": "bytes" } : {}),
    ...(how.gzip ? { "content-encoding": "gzip" } : {}),
    ...(length === null ? {} : { "content-length": length }),
    ...(range ? { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
  });
  if (request.method === "HEAD") return response.end();
  response.flushHeaders();
  const stop = how.cutAfter ?? sent.length;
  const { holdAfter = stop, until = () => true } = how;
  await send(response, record, sent.subarray(0, holdAfter), how.rate);
  while (!response.destroyed && !(await until())) await sleep(10);
  await send(response, record, sent.subarray(holdAfter, stop), how.rate);
  if (how.cutAfter < sent.length) response.destroy();
  else response.end();
}

/** One range of bytes, its end exclusive; null where the whole file is to be sent. */
function rangeOf({ range, ifRange }, size, validators) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (!match) return null;
  if (ifRange !== null && ifRange !== validators.etag && ifRange !== validators["last-modified"]) return null;
  const start = Number(match[1]);
  const end = match[2] === "" ? size : Math.min(Number(match[2]) + 1, size);
  return start >= end ? "unsatisfiable" : { start, end };
}

/** Writes the body, evenly where there is a rate, until the browser hangs up. */
async function send(response, record, body, rate) {
  const begun = performance.now();
  const step = rate === null ? 64 * 1024 : Math.max(256, Math.round(rate / 20));
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    const part = body.subarray(at, at + step);
    // The callback comes when the part has left this process: what is cut after it has been sent.
    await new Promise((written) => response.write(part, written));
    record.sent += part.length;
    if (rate === null) continue;
    await sleep(Math.max(0, ((at + part.length) / rate) * 1000 - (performance.now() - begun)));
  }
}
