// A static file server for tests, `npm start` and the headless command: Range and If-Range, CORS, and a throttle for
// slow downloads.
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

export const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm", // without it the browser does not compile while it downloads
};

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "range",
  "access-control-expose-headers": "accept-ranges, content-length, content-range, etag, last-modified",
  "cross-origin-resource-policy": "cross-origin",
};

/** With these a page is cross-origin isolated, and may have threads that share memory. */
export const ISOLATED = JSON.parse(
  readFileSync(new URL("../../www/offline/isolation.json", import.meta.url), "utf8"),
);

/**
 * Serves a folder. Not `isolated` is as most hosts of static files; `throttle` is in bytes a second and a response; port 0 takes any free one.
 * @returns {Promise<{url: string, port: number, close(): Promise<void>}>} url ends in a slash
 */
export async function serve(
  dir,
  { port = 0, host = "127.0.0.1", cors = true, isolated = true, throttle } = {},
) {
  const root = resolve(dir);
  const always = { "cache-control": "no-cache", ...(cors ? CORS : {}), ...(isolated ? ISOLATED : {}) };
  const server = createServer((request, response) => {
    answer(root, request, response, always, throttle).catch(() => response.destroy());
  });
  await new Promise((ready, failed) => {
    server.once("error", failed);
    server.listen(port, host, ready);
  });
  const taken = server.address().port;
  return {
    url: `http://${host}:${taken}/`,
    port: taken,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

async function answer(root, request, response, headers, throttle) {
  const plain = (status, text, extra = {}) => {
    response.writeHead(status, { ...headers, "content-type": TYPES[".txt"], ...extra });
    response.end(request.method === "HEAD" ? undefined : `${text}\n`);
  };
  if (request.method === "OPTIONS") return plain(200, "");
  if (request.method !== "GET" && request.method !== "HEAD")
    return plain(405, "method not allowed", { allow: "GET, HEAD" });

  const found = await locate(root, request.url);
  if (!found) return plain(404, "not found");
  if (found.redirect) return plain(301, "moved", { location: found.redirect });
  const { path, size } = found;
  const version = { etag: found.etag, "last-modified": found.modified };
  const ifRange = request.headers["if-range"];
  const same = ifRange === undefined || Object.values(version).includes(ifRange);
  const range = same ? parseRange(request.headers.range, size) : null;
  if (range === "unsatisfiable")
    return plain(416, "range not satisfiable", { "content-range": `bytes */${size}` });

  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    ...version,
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    "content-type": TYPES[extname(path).toLowerCase()] ?? "application/octet-stream",
    ...(range ? { "content-range": `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === "HEAD" || size === 0) return response.end();
  const chunks = createReadStream(path, { start, end, highWaterMark: throttle ? 16 * 1024 : 256 * 1024 });
  await (throttle ? pipeline(chunks, paced(throttle), response) : pipeline(chunks, response));
}

/** The file a URL names; never one above the root. Symbolic links are followed: the hub's cache consists of them. */
async function locate(root, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return null;
  }
  // URL has resolved "..", but an encoded "%2e%2e%2f" or a backslash arrives here as it was written.
  if (path.includes("\0") || path.split(/[/\\]/).includes("..")) return null;
  const file = join(root, path);
  const info = await stat(file).catch(() => null);
  if (info?.isFile()) return describe(file, info);
  if (!info?.isDirectory()) return null;
  if (!path.endsWith("/")) return { redirect: `${encodeURI(path)}/`.replace(/^\/+/, "/") };
  const index = join(file, "index.html");
  const page = await stat(index).catch(() => null);
  return page?.isFile() ? describe(index, page) : null;
}

function describe(path, { size, mtime, mtimeMs }) {
  return {
    path,
    size,
    etag: `"${mtimeMs.toString(36)}-${size.toString(36)}"`,
    modified: mtime.toUTCString(),
  };
}

/** One range of bytes; null where there is none or it is of a form we may ignore. */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [from, to] = [match[1], match[2]].map((x) => (x === "" ? null : Number(x)));
  const start = from ?? Math.max(0, size - to);
  const end = from === null || to === null ? size - 1 : Math.min(to, size - 1);
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}

/** Delays chunks so that they arrive at so many bytes a second. */
function paced(rate) {
  return async function* (chunks) {
    const begun = performance.now();
    let sent = 0;
    for await (const chunk of chunks) {
      sent += chunk.length;
      const ahead = (sent / rate) * 1000 - (performance.now() - begun);
      if (ahead > 0) await sleep(ahead);
      yield chunk;
    }
  };
}
