// `patchbay fetch`: what is put into a folder, from the hub and from an address; what is said and what is left alone.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { faultServer } from "../e2e/fault-server.mjs";
import { fetchModel, native } from "./commands.mjs";
import { hub, sha256 } from "./hub.mjs";
import {
  assertFigures,
  assertRefused,
  configWith,
  FILES,
  NAMES,
  otherWeights,
  SETTINGS,
  TINY,
  vocabulary,
  WEIGHTS,
  without,
} from "./tiny.mjs";

const PIN = ["--sha256", sha256(WEIGHTS)];
const ID = "someone/tiny";

let root;
let folder;
let server;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "patchbay-fetch-"));
  // A level deeper, so that it is made.
  folder = join(root, "to", "tiny");
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(root, { recursive: true });
});

const serve = async () => {
  server = await faultServer(TINY);
};
const fetchTo = (model, ...args) =>
  fetchModel(["--model", model, "--to", folder, ...args], {
    HF_HOME: join(root, "hf"),
    HF_ENDPOINT: "http://127.0.0.1:9",
  });
const fetchTiny = (...args) => fetchTo(server.url, ...args);
const fetchFromHub = (...args) =>
  fetchModel(["--model", ID, "--to", folder, ...args], {
    HF_HOME: join(root, "hf"),
    HF_ENDPOINT: server.url,
  });
const at = (name) => join(folder, name);
const record = () => JSON.parse(readFileSync(at("patchbay.json"), "utf8"));

function assertFetched({ code, stdout, stderr }, files = FILES) {
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\S+ holds (the model|it already); [^\n]+\n$/);
  assert.deepEqual(readdirSync(folder).sort(), [...Object.keys(files), "patchbay.json"].sort());
  for (const [name, bytes] of Object.entries(files)) assert.ok(readFileSync(at(name)).equals(bytes), name);
  const stored = Object.entries(files).map(([name, bytes]) => [
    name,
    { size: bytes.length, sha256: sha256(bytes) },
  ]);
  assert.deepEqual(record().files, Object.fromEntries(stored));
}

const runFetched = () => native(["--model", folder, ...SETTINGS]);

describe("from the hub", () => {
  test("into the cache and the folder; a branch that moves is fetched as a whole", async () => {
    server = await hub();
    const before = server.publish(ID, FILES);
    assertFetched(await fetchFromHub());
    assert.deepEqual([record().model, record().revision], [ID, before]);
    assert.match((await fetchFromHub()).stdout, new RegExp(`holds it already; ${ID} at ${before}`));

    // New weights, another number of heads, and the tokenizer in two files instead of one.
    const next = {
      ...without("tokenizer.json"),
      ...vocabulary(),
      "config.json": configWith({ n_head: 2 }),
      "model.safetensors": otherWeights(),
    };
    const after = server.publish(ID, next);
    assertFetched(await fetchFromHub(), next);
    assert.equal(record().revision, after);
  });

  test("a pinned hash is compared, and the cache's file is verified", async () => {
    server = await hub();
    server.publish(ID, FILES);
    assertRefused(
      await fetchFromHub("--sha256", "0".repeat(64)),
      1,
      /expected SHA-256 0{64}, found [1-9a-f]/,
    );
    assert.deepEqual(readdirSync(folder), []);
    assert.match((await fetchFromHub(...PIN)).stdout, /, as expected\n$/);
    writeFileSync(join(root, "hf", "hub", "models--someone--tiny", "blobs", sha256(WEIGHTS)), "x");
    writeFileSync(at("model.safetensors"), "x");
    assertRefused(await fetchFromHub(), 1, /model\.safetensors is damaged: .*Remove \S+, so that/);
  });
});

describe("from an address", () => {
  test("gives the reference's figures", async () => {
    await serve();
    assertFetched(await fetchTo(`${server.url}?signature=secret`));
    assert.doesNotMatch(readFileSync(at("patchbay.json"), "utf8"), /secret/);
    assertFigures(await runFetched());
    server.requests.length = 0;
    assert.match(
      (await fetchTiny(...PIN)).stdout,
      /holds it already; SHA-256 of model\.safetensors: \w+, as expected\n/,
    );
    assert.deepEqual(server.requests, []);
  });

  test("what breaks off or fails for a moment is fetched again", async () => {
    await serve();
    server.plan("config.json", { status: 503 });
    server.plan("tokenizer.json", { reset: true });
    server.plan("model.safetensors", { cutAfter: 100_000 });
    assertFetched(await fetchTiny());
  });

  for (const name of NAMES) {
    test(`${name} is replaced meanwhile: never two versions`, async () => {
      await serve();
      const other = Buffer.from(FILES[name]);
      if (name === "model.safetensors") other[other.length - 1] ^= 1;
      else other[other.indexOf("\n")] = 0x20;
      // The next requests for the last file of all come after those for the others.
      server.plan("model.safetensors", { rate: 300_000 });
      const fetched = fetchTiny();
      while (!(server.requests.find(({ path }) => path === "model.safetensors")?.sent > 10_000))
        await new Promise((soon) => setTimeout(soon, 5));
      server.replace(name, other);
      assertRefused(
        await fetched,
        1,
        new RegExp(`${name} was changed while the model was fetched; fetch it again`),
      );
      assert.deepEqual(readdirSync(folder), []);
      assertFetched(await fetchTiny(), { ...FILES, [name]: other });
    });

    test(`${name} has changed since: not run, and fetching again mends it`, async () => {
      await serve();
      assertFetched(await fetchTiny());
      const changed = Buffer.from(FILES[name]);
      // One that the loader takes: a space for a line break, and the lowest bit of a number.
      if (name === "model.safetensors") changed[changed.length - 4] ^= 1;
      else changed[changed.indexOf("\n")] = 0x20;
      writeFileSync(at(name), changed);
      const { code, stdout, stderr } = await runFetched();
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(
        stderr,
        new RegExp(
          `${name} is not as it was fetched: expected SHA-256 ${sha256(FILES[name])}, found ${sha256(changed)}`,
        ),
      );
      assertFetched(await fetchTiny());
      assert.equal((await runFetched()).code, 0);
    });
  }

  for (const [what, name, answer, ...words] of [
    [
      "401",
      "config.json",
      { status: 401 },
      /config\.json answers HTTP 401 .*private, gated or misspelt.*HF_TOKEN/,
    ],
    ["404", "config.json", { status: 404 }, /expected config\.json in http/],
    [
      "a wait of a day",
      "model.safetensors",
      { status: 429, headers: { "retry-after": "86400" } },
      /429 .*asks to wait 24 h/,
    ],
    [
      "compression",
      "config.json",
      { headers: { "content-encoding": "gzip" } },
      /compresses it, which was not asked for/,
    ],
    ["a size that is wrong", "model.safetensors", { length: 40 }, /model\.safetensors/],
  ]) {
    test(`${what}: refused, and nothing is left behind`, async () => {
      await serve();
      server.plan(name, answer);
      assertRefused(await fetchTo(`${server.url}?signature=secret`), 1, ...words);
      assert.deepEqual(readdirSync(folder), []);
      assertFetched(await fetchTiny());
    });
  }

  for (const [what, name, bytes, words] of [
    [
      "a page for a configuration",
      "config.json",
      "<!doctype html><title>Log in</title>",
      /config\.json.*HTML page/,
    ],
    [
      "a Git LFS pointer",
      "model.safetensors",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      /Git LFS pointer/,
    ],
    [
      "a configuration of more than 1 MiB",
      "config.json",
      " ".repeat(2 ** 20 + 1),
      /config\.json is larger than 1 MiB/,
    ],
  ]) {
    test(`${what} is called that`, async () => {
      await serve();
      server.replace(name, Buffer.from(bytes));
      assertRefused(await fetchTiny(), 1, words);
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});
