// A hub, as far as a download asks it: commits, hashes as ETags, large files elsewhere, and failures on demand.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

const hash = (kind, ...parts) =>
  parts.reduce((sum, part) => sum.update(part), createHash(kind)).digest("hex");
export const sha256 = (bytes) => hash("sha256", bytes);
const gitHash = (bytes) => hash("sha1", `blob ${bytes.length}\0`, bytes);

/** Bytes above which a file is kept elsewhere, by its SHA-256. */
const SMALL = 100_000;

/**
 * `publish(id, files)` makes a commit of `{ name: bytes }`, to which `main` then leads, and gives it.
 * `plan(name, ...answers)`: the next requests for the bytes of a file of that name are answered by these. An answer has any of
 * `status` and `headers`; `body` in place of the file; `cutAfter` so many bytes of it; `ranges: false`: the whole file whatever is
 * asked for; `shift`: a range that begins so many bytes elsewhere; `reset: true`. Those with `head: true` are for a HEAD too, which
 * passes over the others.
 * With `token` it answers 401 to whoever does not send that.
 */
export async function hub({ token = null } = {}) {
  const models = new Map();
  const elsewhere = new Map();
  const plans = new Map();
  const requests = [];

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://hub");
    const { range = null, authorization = null } = request.headers;
    requests.push({ method: request.method, path: decodeURIComponent(pathname), range, authorization });
    const blob = elsewhere.get(pathname);
    if (blob !== undefined) return send(request, response, blob.name, blob.bytes, {});
    if (token !== null && authorization !== `Bearer ${token}`) return plain(response, 401);
    const [, id, revision, name] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
    const model = models.get(id);
    if (model === undefined) return plain(response, 404, { "x-error-code": "RepoNotFound" });
    const commit = revision === "main" ? model.main : decodeURIComponent(revision);
    const files = model.commits.get(commit);
    if (files === undefined) return plain(response, 404, { "x-error-code": "RevisionNotFound" });
    const headers = { "x-repo-commit": commit };
    const bytes = files[name];
    if (bytes === undefined) return plain(response, 404, { ...headers, "x-error-code": "EntryNotFound" });
    if (bytes.length <= SMALL)
      return send(request, response, name, bytes, { ...headers, etag: `"${gitHash(bytes)}"` });
    const path = `/elsewhere/${sha256(bytes)}`;
    elsewhere.set(path, { name, bytes });
    // By another name of the host, as the hub has another host for it.
    const location = `http://localhost:${server.address().port}${path}?signature=secret`;
    const linked = { "x-linked-etag": `"${sha256(bytes)}"`, "x-linked-size": bytes.length };
    plain(response, 302, { ...headers, ...linked, etag: 'W/"of the redirect"', location });
  });

  function send(request, response, name, whole, headers) {
    const queue = plans.get(name) ?? [];
    const isFor = request.method === "HEAD" ? queue[0]?.head : true;
    const {
      status,
      headers: planned,
      body = whole,
      cutAfter,
      ranges = true,
      shift = 0,
      reset,
    } = (isFor && queue.shift()) || {};
    if (reset) return request.socket.resetAndDestroy();
    if (status !== undefined) return plain(response, status, planned);
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const first = asked !== null && ranges ? Number(asked[1]) + shift : 0;
    const place = first > 0 ? { "content-range": `bytes ${first}-${body.length - 1}/${body.length}` } : {};
    const rest = body.subarray(first);
    response.writeHead(first > 0 ? 206 : 200, {
      "content-length": rest.length,
      ...headers,
      ...place,
      ...planned,
    });
    if (cutAfter === undefined) return response.end(rest);
    response.write(rest.subarray(0, cutAfter), () => request.socket.destroy());
  }

  function plain(response, status, headers = {}) {
    response.writeHead(status, headers);
    response.end(`${status}\n`);
  }

  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    plan: (name, ...answers) => plans.set(name, answers),
    publish(id, files) {
      const commit = hash(
        "sha1",
        JSON.stringify(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
      );
      const model = models.get(id) ?? { commits: new Map() };
      model.commits.set(commit, files);
      models.set(id, Object.assign(model, { main: commit }));
      return commit;
    },
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}
