// `--model OWNER/NAME`: where it is kept, what is asked for, and what is said of a hub that fails.

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DIRECT, native } from "./commands.mjs";
import { hub, sha256 } from "./hub.mjs";
import {
  assertFigures,
  assertRefused,
  configWith,
  FILES,
  NAMES,
  otherWeights,
  SETTINGS,
  WEIGHTS,
} from "./tiny.mjs";

const ID = "someone/tiny";

let home;
let server;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "patchbay-hub-"));
});

afterEach(async () => {
  await server?.close();
  rmSync(home, { recursive: true });
});

/** A hub with the tiny model, and its commit. */
async function serve(options) {
  server = await hub(options);
  return server.publish(ID, FILES);
}

const env = (more) => ({ ...DIRECT, HF_HOME: home, HF_ENDPOINT: server.url, ...more });
const run = (model = ID, more = {}) => native(["--model", model, ...SETTINGS], env(more));
const cached = (...path) => join(home, "hub", "models--someone--tiny", ...path);
const asked = (name) => server.requests.filter(({ path }) => path.endsWith(name));
const ranges = () => asked(sha256(WEIGHTS)).map(({ range }) => range);

test("a model is kept in the hub's layout, and the network is only asked where its branch is", async () => {
  const commit = await serve();
  const { origin, model } = assertFigures(await run());
  assert.equal(model, ID);
  assert.deepEqual(
    [origin.from, origin.revision, origin.sha256, origin.config_sha256, origin.tokenizer_sha256],
    [
      "hub",
      commit,
      ...["model.safetensors", "config.json", "tokenizer.json"].map((name) => sha256(FILES[name])),
    ],
  );
  assert.equal(readFileSync(cached("refs", "main"), "utf8"), commit);
  for (const name of NAMES) assert.ok(lstatSync(cached("snapshots", commit, name)).isSymbolicLink(), name);
  assert.equal(
    realpathSync(cached("snapshots", commit, "model.safetensors")),
    realpathSync(cached("blobs", sha256(WEIGHTS))),
  );

  server.requests.length = 0;
  assertFigures(await run());
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    [`/${ID}/resolve/main/config.json`],
  );
  server.requests.length = 0;
  for (const model of [`${ID}@${commit}`, `${server.url}/${ID}/blob/${commit}/config.json`])
    assertFigures(await run(model));
  for (const model of [ID, `${ID}@main`, `${server.url}/${ID}/tree/main`])
    assertFigures(await run(model, { HF_HUB_OFFLINE: "1" }));
  assert.deepEqual(server.requests, [], "neither for a commit nor offline");
  // The folder of links is a model's folder too.
  assertFigures(await run(cached("snapshots", commit)));
});

test("HF_HUB_CACHE and XDG_CACHE_HOME say where", async () => {
  const commit = await serve();
  const snapshot = join("models--someone--tiny", "snapshots", commit, "config.json");
  assertFigures(await run(ID, { HF_HUB_CACHE: join(home, "a") }));
  assertFigures(await run(ID, { HF_HOME: "", XDG_CACHE_HOME: join(home, "b") }));
  for (const at of ["a", join("b", "huggingface", "hub")])
    assert.ok(existsSync(join(home, at, snapshot)), at);
});

test("a branch that moves is followed as a whole; without a network it is as last seen", async () => {
  const before = await serve();
  assertFigures(await run());
  const others = { ...FILES, "config.json": configWith({ n_head: 2 }) };
  const after = server.publish(ID, others);
  const { code, stdout, stderr } = await run();
  assert.equal(code, 0, stderr);
  const { origin } = JSON.parse(stdout);
  assert.deepEqual([origin.revision, origin.config_sha256], [after, sha256(others["config.json"])]);
  assert.equal(ranges().length, 1, "the same weights are not fetched again");
  assert.equal(assertFigures(await run(`${ID}@${before}`)).origin.revision, before);

  const gone = await run(ID, { HF_ENDPOINT: "http://127.0.0.1:9" });
  assert.match(gone.stderr, new RegExp(`taking ${ID}@main as it was last seen, ${after}`));
  assert.equal(JSON.parse(gone.stdout).origin.revision, after);
});

test("offline, what is not in the cache is said to be missing", async () => {
  await serve();
  const offline = await run(ID, { HF_HUB_OFFLINE: "1" });
  assertRefused(offline, 1, /someone\/tiny@main is not in \S+, and HF_HUB_OFFLINE is set/);
  assert.deepEqual(server.requests, []);
});

test("the token goes to the hub and not to where it redirects; its file counts too", async () => {
  await serve({ token: "hf_secret" });
  assertRefused(await run(), 1, /answers HTTP 401 Unauthorized: .*private, gated or misspelt.*HF_TOKEN/);
  assertRefused(await run(ID, { HF_TOKEN: "hf_other_secret" }), 1, /HF_TOKEN/);
  assertFigures(await run(ID, { HF_TOKEN: "hf_secret" }));
  assert.deepEqual([...new Set(asked(sha256(WEIGHTS)).map(({ authorization }) => authorization))], [null]);
  writeFileSync(join(home, "token"), "hf_secret\n");
  rmSync(cached(), { recursive: true });
  assertFigures(await run());
});

describe("a download that breaks off goes on", () => {
  for (const at of [1, 123_456, WEIGHTS.length - 1]) {
    test(`within one command, from byte ${at}`, async () => {
      await serve();
      server.plan("model.safetensors", { cutAfter: at });
      assertFigures(await run());
      assert.deepEqual(ranges(), [null, `bytes=${at}-`]);
    });
  }

  test("in the next command", async () => {
    await serve();
    server.plan(
      "model.safetensors",
      { cutAfter: 100_000 },
      { status: 429, headers: { "retry-after": "3600" } },
    );
    assertRefused(
      await run(),
      1,
      /HTTP 429 .*asks to wait 60 min.*\. 100000 bytes are kept; the next try goes on/,
    );
    server.plan("model.safetensors");
    assertFigures(await run());
    assert.equal(ranges().at(-1), "bytes=100000-");
  });

  const begun = { cutAfter: 100_000 };
  for (const [what, answers] of [
    ["the whole file instead", [begun, { ranges: false }]],
    ["another range than was asked for", [begun, { shift: 7 }]],
    ["a range of another file", [begun, { body: Buffer.alloc(WEIGHTS.length, 1) }]],
    ["a range without its place", [begun, { headers: { "content-range": "" } }]],
    ["no range", [begun, { status: 416 }]],
  ]) {
    test(`with ${what}: never a mixture`, async () => {
      await serve();
      server.plan("model.safetensors", ...answers);
      assertFigures(await run());
    });
  }
});

describe("what is wrong is called by its name", () => {
  const other = otherWeights();
  for (const [what, name, answers, words] of [
    [
      "a damaged byte",
      "model.safetensors",
      [{ body: other }],
      /damaged: expected SHA-256 [0-9a-f]{64}, found .*try again/,
    ],
    [
      "a page in place of a file",
      "config.json",
      [{ body: Buffer.from("<!doctype html>") }],
      /config\.json is damaged: expected Git hash/,
    ],
    [
      "compression",
      "config.json",
      [{ headers: { "content-encoding": "gzip" } }],
      /config\.json: the server compresses it/,
    ],
    [
      "a long wait",
      "config.json",
      Array(2).fill({ head: true, status: 429, headers: { "retry-after": "86400" } }),
      /HTTP 429 .*asks to wait 24 h/,
    ],
    [
      "gated",
      "config.json",
      [{ head: true, status: 403, headers: { "x-error-code": "GatedRepo" } }],
      /403 .*gated: accept its conditions.*HF_TOKEN/,
    ],
    [
      "no hub",
      "config.json",
      [{ head: true, headers: { "x-repo-commit": "../../x" } }],
      /does not answer as a hub does.*HF_ENDPOINT/,
    ],
    [
      "an ETag that is no hash",
      "tokenizer.json",
      [{ head: true, headers: { etag: '"../../x"' } }],
      /does not answer as a hub does/,
    ],
  ]) {
    test(what, async () => {
      await serve();
      server.plan(name, ...answers);
      assertRefused(await run(), 1, words);
      server.plan(name);
      assertFigures(await run());
    });
  }

  test("a short wait is waited for", async () => {
    await serve();
    server.plan("tokenizer.json", { status: 429, headers: { "retry-after": "1" } }, { reset: true });
    const result = await run();
    assertFigures(result);
    assert.match(result.stderr, /tokenizer\.json: HTTP 429 Too Many Requests; trying again in 1 s\n/);
  });

  test("a name or revision that is not there", async () => {
    await serve();
    assertRefused(
      await run("someone/other"),
      1,
      /\/someone\/other\/\S+ answers HTTP 404 Not Found: .*misspelt, or private/,
    );
    assertRefused(await run(`${ID}@v9`), 1, /no such revision/);
    assertRefused(
      await run("no-folder"),
      1,
      /cannot read no-folder: .*a model is a folder, OWNER\/NAME on the hub/,
    );
  });

  test("a file of the cache that was damaged later", async () => {
    const commit = await serve();
    assertFigures(await run());
    writeFileSync(cached("blobs", sha256(WEIGHTS)), other);
    assertRefused(
      await run(`${ID}@${commit}`),
      1,
      /model\.safetensors is damaged: .*Remove \S+, so that it is downloaded again/,
    );
  });
});
