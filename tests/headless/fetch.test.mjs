// `patchbay fetch` against a server that fails: what is said, what is kept, and that a good model comes of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../scripts/lib/run.mjs";
import { faultServer } from "../e2e/fault-server.mjs";
import { longModel } from "../e2e/models.mjs";
import { fetchModel, interruptedFetch, native } from "./commands.mjs";

const TINY = join(ROOT, "tests", "fixtures", "tiny");
const FILES = ["config.json", "tokenizer.json", "model.safetensors"];
const WEIGHTS = readFileSync(join(TINY, "model.safetensors"));
const SIZE = WEIGHTS.length;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const PIN = ["--sha256", sha256(WEIGHTS)];
const WHOLE = { bytes: SIZE, sha256: sha256(WEIGHTS) };

let folder;
let server;

beforeEach(() => {
  // A level deeper, so that it is made.
  folder = join(mkdtempSync(join(tmpdir(), "patchbay-fetch-")), "tiny");
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(join(folder, ".."), { recursive: true });
});

async function serve(options) {
  server = await faultServer(TINY, options);
}

const fetchTiny = (...args) => fetchModel([server.url, "--to", folder, ...args]);

const requested = (name) => server.requests.filter(({ path }) => path.endsWith(name));
const ranges = () => requested("model.safetensors").map(({ range }) => range);
const part = () => join(folder, "model.safetensors.part");
/** What is written beside the part. */
const origin = () => JSON.parse(readFileSync(`${part()}.json`, "utf8"));
const kept = () => (existsSync(part()) ? statSync(part()).size : 0);

function assertFetched({ code, stdout, stderr }) {
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^[^\n]*SHA-256 of model\\.safetensors: ${sha256(WEIGHTS)}[^\n]*\n$`));
  assert.deepEqual(readdirSync(folder).sort(), [...FILES, "patchbay.json"].sort());
  for (const name of FILES) {
    assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(TINY, name))), name);
  }
}

/** One line about the end; what was tried before has lines of its own. */
function assertRefused({ code, stdout, stderr }, expected, ...words) {
  assert.equal(code, expected, stderr);
  assert.equal(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  const last = lines.at(-1);
  for (const line of lines) assert.match(line, /^patchbay: ./);
  for (const each of words) assert.match(last, each);
  for (const name of [...FILES, "patchbay.json"])
    assert.ok(!existsSync(join(folder, name)), `${name} is kept`);
  return lines.length;
}

const runFetched = () =>
  native(["--model", folder, "--device", "cpu", "--json", ..."--layer 2 --head 1 -n 20".split(" ")]);

test("a fetched model gives the reference's figures", async () => {
  await serve();
  assertFetched(await fetchTiny());
  const { code, stdout, stderr } = await runFetched();
  assert.equal(code, 0, stderr);
  const expected = JSON.parse(readFileSync(join(TINY, "expected.json"), "utf8")).frozen_ln.conditions;
  const { conditions } = JSON.parse(stdout);
  assert.deepEqual(Object.keys(conditions), Object.keys(expected));
  for (const [name, { mean_diff }] of Object.entries(expected)) {
    assert.ok(Math.abs(conditions[name].mean_diff - mean_diff) <= 1e-3, name);
  }
});

for (const name of FILES) {
  test(`a fetched model whose ${name} has changed is not run, and fetching again mends it`, async () => {
    await serve();
    assertFetched(await fetchTiny());
    const path = join(folder, name);
    const before = readFileSync(path);
    const changed = Buffer.from(before);
    // One that the loader takes: a space for a line break, and the lowest bit of a number.
    const at = name === "model.safetensors" ? SIZE - 4 : before.indexOf("\n");
    changed[at] = name === "model.safetensors" ? before[at] ^ 1 : 0x20;
    writeFileSync(path, changed);
    const { code, stdout, stderr } = await runFetched();
    assert.deepEqual([code, stdout], [1, ""], stderr);
    const [expected, found] = [before, changed].map(sha256);
    assert.match(
      stderr,
      new RegExp(`${name} is not as it was fetched: expected SHA-256 ${expected}, found ${found}.*fetch`),
    );
    assertFetched(await fetchTiny());
    assert.equal((await runFetched()).code, 0);
  });
}

test("a folder whose record cannot be read is not run", async () => {
  await serve();
  assertFetched(await fetchTiny());
  writeFileSync(join(folder, "patchbay.json"), "{");
  const { code, stderr } = await runFetched();
  assert.equal(code, 1);
  assert.match(stderr, /cannot read .*patchbay\.json; remove it, or fetch the model again/);
});

describe("going on", () => {
  // In the header's length, in the header, in the data, before the last byte, and behind it.
  for (const at of [0, 5, 100, 123_456, SIZE - 1]) {
    test(`within one command, from byte ${at}`, async () => {
      await serve();
      server.plan("model.safetensors", { cutAfter: at });
      assertFetched(await fetchTiny());
      const [first, second, ...more] = requested("model.safetensors");
      assert.deepEqual([first.range, more], [null, []]);
      assert.equal(second.range, at === 0 ? null : `bytes=${at}-`);
      assert.match(second.ifRange ?? "", at === 0 ? /^$/ : /^".+"$/);
    });

    test(`with the next command, from byte ${at}`, async () => {
      await serve();
      server.plan("model.safetensors", { cutAfter: at }, { status: 404 });
      assertRefused(await fetchTiny(), 1, /found HTTP 404/);
      assert.equal(kept(), at);
      assertFetched(await fetchTiny());
      const last = requested("model.safetensors").at(-1);
      assert.equal(last.range, at === 0 ? null : `bytes=${at}-`);
      assert.match(last.ifRange ?? "", at === 0 ? /^$/ : /^".+"$/);
    });
  }

  test("many times", async () => {
    await serve();
    server.plan("model.safetensors", ...Array(7).fill({ cutAfter: 20_000 }));
    assertFetched(await fetchTiny());
    assert.deepEqual(
      ranges().slice(1),
      [1, 2, 3, 4, 5, 6, 7].map((i) => `bytes=${i * 20_000}-`),
    );
  });

  test("after Ctrl-C, from the last mark", { skip: process.platform === "win32" }, async () => {
    await serve({ rate: 8_000_000 });
    const long = longModel(TINY);
    for (const [name, bytes] of Object.entries(long)) server.replace(name, bytes);
    const begun = async () => {
      while (!(requested("model.safetensors")[0]?.sent > 10_000_000)) await sleep(10);
    };
    assert.equal(await interruptedFetch([server.url, "--to", folder], begun()), "SIGINT");
    const { bytes } = origin().mark;
    assert.ok(bytes >= 8 << 20 && bytes <= kept(), `${bytes} of ${kept()} bytes`);
    const { code, stdout, stderr } = await fetchTiny();
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(sha256(long["model.safetensors"])), stdout);
    assert.equal(ranges().at(-1), `bytes=${bytes}-`);
  });

  test("not from what is behind the mark", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 1000 }, { status: 404 });
    await fetchTiny();
    // As after a power cut: the length is there, the bytes are not.
    writeFileSync(part(), Buffer.concat([WEIGHTS.subarray(0, 1000), Buffer.alloc(100_000)]));
    assertFetched(await fetchTiny());
    assert.equal(ranges().at(-1), "bytes=1000-");
  });

  test("with a part that is whole: no request", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 1000 }, { status: 404 });
    await fetchTiny();
    writeFileSync(part(), WEIGHTS);
    writeFileSync(`${part()}.json`, JSON.stringify({ ...origin(), mark: WHOLE }));
    server.requests.length = 0;
    assertFetched(await fetchTiny());
    assert.deepEqual(requested("model.safetensors"), []);
  });

  for (const args of [[], PIN]) {
    test(`when stopped just before the end${args.length ? ", pinned" : ""}: no request`, async () => {
      await serve();
      assertFetched(await fetchTiny(...args));
      rmSync(join(folder, "patchbay.json"));
      const url = `${server.url}model.safetensors`;
      writeFileSync(`${part()}.json`, JSON.stringify({ url, total: SIZE, mark: WHOLE }));
      server.requests.length = 0;
      assertFetched(await fetchTiny(...args));
      assert.deepEqual(requested("model.safetensors"), []);
    });
  }

  test("by date where there is no ETag", async () => {
    await serve({ etag: false });
    server.plan("model.safetensors", { cutAfter: 1000 });
    assertFetched(await fetchTiny());
    assert.equal(ranges().at(-1), "bytes=1000-");
    assert.match(requested("model.safetensors").at(-1).ifRange, / GMT$/);
  });

  test("by date where the ETag is weak", async () => {
    await serve({ etag: 'W/"weak"' });
    server.plan("model.safetensors", { cutAfter: 1000 });
    assertFetched(await fetchTiny());
    assert.match(requested("model.safetensors").at(-1).ifRange, / GMT$/);
  });

  test("through a redirect", async () => {
    await serve();
    const other = await faultServer(TINY);
    try {
      const to = { redirect: `${other.url}model.safetensors` };
      server.plan("model.safetensors", to, to);
      other.plan("model.safetensors", { cutAfter: 1000 });
      assertFetched(await fetchTiny());
      assert.deepEqual(
        other.requests.map(({ range }) => range),
        [null, "bytes=1000-"],
      );
      assert.match(other.requests[1].ifRange, /^".+"$/);
    } finally {
      await other.close();
    }
  });
});

describe("starting over", () => {
  test("where the server knows no Range", async () => {
    await serve({ ranges: false });
    server.plan("model.safetensors", { cutAfter: 1000 });
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /from its beginning only; starting over/);
    assert.deepEqual(ranges(), [null, "bytes=1000-"]);
  });

  test("where it would never end: given up", async () => {
    await serve({ ranges: false });
    server.plan("model.safetensors", ...Array(6).fill({ cutAfter: 1000 }));
    assertRefused(await fetchTiny(), 1, /tried 5 times/, /1000 bytes are kept/);
    assert.equal(ranges().length, 6);
  });

  for (const etag of [true, false]) {
    test(`when the file has changed, ${etag ? "by its ETag" : "by its date"}`, async () => {
      await serve({ etag });
      const other = Buffer.from(WEIGHTS);
      other[SIZE - 1] ^= 1;
      server.replace("model.safetensors", other);
      server.plan("model.safetensors", { cutAfter: 1000 }, { status: 404 });
      assertRefused(await fetchTiny(), 1, /404/);
      assert.equal(kept(), 1000);
      server.replace("model.safetensors", WEIGHTS);
      const result = await fetchTiny();
      assertFetched(result);
      assert.match(result.stderr, /has changed; starting over/);
    });
  }

  test("when the server ignores If-Range and answers with another version", async () => {
    await serve();
    // Its 206 says that it is of another file.
    server.plan("model.safetensors", { cutAfter: 1000 }, { headers: { etag: '"other"' } });
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /has changed; starting over/);
    assert.deepEqual(ranges(), [null, "bytes=1000-", null]);
  });

  test("on 416", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 1000 }, { status: 416 });
    assertFetched(await fetchTiny());
    assert.deepEqual(ranges(), [null, "bytes=1000-", null]);
  });

  test("when what is there is damaged", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 100_000 }, { status: 404 });
    await fetchTiny();
    writeFileSync(part(), "not what was there");
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /damaged; starting over/);
  });

  test("when a byte of what is there is another, whatever the model makes of it", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 200_000 }, { status: 404 });
    await fetchTiny();
    const there = readFileSync(part());
    assert.equal(there.length, 200_000);
    there[150_000] ^= 1;
    writeFileSync(part(), there);
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /damaged; starting over/);
  });

  test("for another address", async () => {
    await serve();
    server.plan("model.safetensors", { cutAfter: 1000 }, { status: 404 });
    await fetchTiny();
    server.requests.length = 0;
    assertFetched(await fetchModel([server.url.replace("127.0.0.1", "localhost"), "--to", folder]));
    assert.deepEqual(ranges(), [null]);
  });
});

describe("trying again", () => {
  test("503 twice", async () => {
    await serve();
    server.plan("model.safetensors", { status: 503 }, { status: 503 });
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /HTTP 503 Service Unavailable; trying again in 0\.5 s\n.*again in 1 s\n/);
  });

  test("429 with Retry-After", async () => {
    await serve();
    server.plan("model.safetensors", { status: 429, headers: { "retry-after": "2" } });
    const begun = performance.now();
    const result = await fetchTiny();
    assertFetched(result);
    assert.match(result.stderr, /HTTP 429 Too Many Requests; trying again in 2 s/);
    assert.ok(performance.now() - begun >= 2000);
  });

  test("a Retry-After of too long: given up at once", async () => {
    await serve();
    server.plan("model.safetensors", { status: 429, headers: { "retry-after": "3600" } });
    assertRefused(await fetchTiny(), 1, /429/, /asks to wait 3600 s/);
    assert.equal(ranges().length, 1);
  });

  test("a reset, of a small file too", async () => {
    await serve();
    server.plan("model.safetensors", { reset: true });
    server.plan("tokenizer.json", { reset: true }, { cutAfter: 10 });
    assertFetched(await fetchTiny());
    assert.equal(requested("tokenizer.json").length, 3);
  });

  test("five times, then no more", async () => {
    await serve();
    server.plan("model.safetensors", ...Array(5).fill({ status: 500 }));
    assertRefused(
      await fetchTiny(),
      1,
      /could not fetch http.*model\.safetensors: HTTP 500 .*\(tried 5 times\)/,
    );
    assert.equal(ranges().length, 5);
  });

  test("nobody there", async () => {
    await serve();
    const { url } = server;
    await server.close();
    server = undefined;
    assertRefused(await fetchModel([url, "--to", folder]), 1, /refused .*\(tried 5 times\)/);
  });
});

describe("Content-Length", () => {
  test("missing", async () => {
    await serve();
    server.plan("model.safetensors", { length: null });
    assertFetched(await fetchTiny());
  });

  test("missing, and cut", async () => {
    await serve();
    server.plan("model.safetensors", { length: null, cutAfter: 100_000 });
    assertFetched(await fetchTiny());
    assert.equal(ranges().at(-1), "bytes=100000-");
  });

  for (const off of [-100, 100]) {
    test(`wrong by ${off}`, async () => {
      await serve();
      server.plan("model.safetensors", { length: SIZE + off });
      const words = new RegExp(`adds up to ${SIZE} bytes, but the server announces ${SIZE + off}`);
      assertRefused(await fetchTiny(), 1, words, /fetch again/);
      assert.equal(kept(), 0);
      assertFetched(await fetchTiny());
    });
  }
});

describe("refused at once", () => {
  for (const [status, name] of [
    [401, "config.json"],
    [403, "model.safetensors"],
    [404, "tokenizer.json"],
  ]) {
    test(`HTTP ${status} for ${name}`, async () => {
      await serve();
      server.plan(name, { status });
      assertRefused(
        await fetchTiny(),
        1,
        new RegExp(`expected a file at http\\S+${name}, found HTTP ${status} `),
      );
      assert.equal(requested(name).length, 1);
      assertFetched(await fetchTiny());
    });
  }

  for (const [name, words] of [
    ["config.json", /config\.json is not a GPT-2 configuration/],
    ["tokenizer.json", /tokenizer\.json is not a tokenizer of GPT-2's kind/],
    ["model.safetensors", /model\.safetensors .*an HTML page/],
  ]) {
    test(`a page instead of ${name}`, async () => {
      await serve();
      server.replace(name, Buffer.from("<!doctype html><title>Log in</title>"));
      assertRefused(await fetchTiny(), 1, words);
      assert.equal(kept(), 0);
    });
  }

  test("a file that is too short on the server", async () => {
    await serve();
    server.replace("model.safetensors", WEIGHTS.subarray(0, SIZE - 400));
    assertRefused(await fetchTiny(), 1, /adds up to/);
    assert.equal(kept(), 0);
  });

  test("redirects without end", async () => {
    await serve();
    server.plan("model.safetensors", ...Array(20).fill({ redirect: `${server.url}model.safetensors` }));
    assertRefused(await fetchTiny(), 1, /too many redirects/);
  });
});

describe("a pinned hash", () => {
  test("is compared", async () => {
    await serve();
    const result = await fetchTiny(...PIN);
    assertFetched(result);
    assert.match(result.stdout, /, as expected\n$/);
  });

  for (const cut of [undefined, 200_000]) {
    test(`finds a flipped byte${cut ? ", in a part too" : ""}`, async () => {
      await serve();
      server.plan("model.safetensors", { flip: 150_000, cutAfter: cut });
      const words = [new RegExp(`expected SHA-256 ${PIN[1]}, found [0-9a-f]{64}`), /removed: fetch again/];
      assertRefused(await fetchTiny(...PIN), 1, ...words);
      assert.equal(kept(), 0);
      assertFetched(await fetchTiny(...PIN));
    });
  }

  test("keeps weights that are there", async () => {
    await serve();
    mkdirSync(folder);
    writeFileSync(join(folder, "model.safetensors"), WEIGHTS);
    assertFetched(await fetchTiny(...PIN));
    assert.deepEqual(requested("model.safetensors"), []);
  });
});

describe("a complete folder", () => {
  for (const args of [[], PIN]) {
    test(`is not fetched again${args.length ? ", pinned" : ""}`, async () => {
      await serve();
      assertFetched(await fetchTiny(...args));
      server.requests.length = 0;
      const result = await fetchTiny(...args);
      assertFetched(result);
      assert.match(result.stdout, /holds it already/);
      assert.deepEqual(server.requests, []);
    });
  }

  test("is fetched again when a byte of it has changed", async () => {
    await serve();
    assertFetched(await fetchTiny());
    const other = Buffer.from(WEIGHTS);
    other[SIZE - 1] ^= 1;
    writeFileSync(join(folder, "model.safetensors"), other);
    assertFetched(await fetchTiny());
    assert.equal(ranges().length, 2);
  });

  test("is not written over by another model", async () => {
    await serve();
    assertFetched(await fetchTiny());
    const { code, stdout, stderr } = await fetchModel([`${server.url}other/`, "--to", folder]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^patchbay: --to: expected a folder for \S+, found the model of \S+ in [^\n]+\n$/);
  });
});

describe("a folder with someone else's files is left alone", () => {
  for (const name of FILES) {
    for (const args of [[], PIN]) {
      test(`${name}${args.length ? ", pinned" : ""}`, async () => {
        await serve();
        mkdirSync(folder);
        writeFileSync(join(folder, name), "mine");
        const { code, stdout, stderr } = await fetchTiny(...args);
        assert.deepEqual([code, stdout], [2, ""], stderr);
        assert.match(stderr, new RegExp(`^patchbay: --to: expected [^\n]+, found a ${name} in [^\n]+\n$`));
        assert.equal(readFileSync(join(folder, name), "utf8"), "mine");
        assert.deepEqual(requested("model.safetensors"), []);
      });
    }
  }
});

test("one fetch at a time", { skip: process.platform === "win32" }, async () => {
  await serve({ rate: 100_000 });
  const second = (async () => {
    while (!(requested("model.safetensors")[0]?.sent > 10_000)) await sleep(10);
    const result = await fetchTiny();
    assertRefused(result, 1, /another fetch is writing/);
  })();
  await interruptedFetch([server.url, "--to", folder], second);
  await second;
});

describe("bad arguments: exit 2, one line", () => {
  const to = () => ["--to", folder];
  for (const [what, args, words] of [
    ["no folder", () => ["http://127.0.0.1/"], /--to <DIR>/],
    [
      "an unknown id",
      () => ["gpt2", ...to()],
      /expected openai-community\/gpt2 or a base URL .* found "gpt2"/,
    ],
    ["another scheme", () => ["ftp://127.0.0.1/", ...to()], /https:\/\/ or http:\/\//],
    ["no host", () => ["https://", ...to()], /base URL/],
    ["a password", () => ["http://a:b@127.0.0.1/", ...to()], /without user name and password/],
    ["no hash", () => ["http://127.0.0.1/", ...to(), "--sha256", "abc"], /expected 64 hexadecimal digits/],
    ["another hash than the hub's", () => [...to(), ...PIN], /--sha256: expected 248dfc39/],
    ["an unknown option", () => [...to(), "--frobnicate"], /--frobnicate/],
  ]) {
    test(what, async () => assertRefusedShortly(await fetchModel(args()), words));
  }

  test("a file for a folder", async () => {
    writeFileSync(folder, "");
    assertRefusedShortly(await fetchModel(["http://127.0.0.1/", ...to()]), /found a file at/);
    const below = ["http://127.0.0.1/", "--to", join(folder, "below")];
    assertRefusedShortly(await fetchModel(below), /found a file on the way/);
  });

  function assertRefusedShortly({ code, stdout, stderr }, words) {
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^patchbay: [^\n]+\n$/);
    assert.match(stderr, words);
  }
});
