// `patchbay fetch` leaves alone what it has not put into a folder, and refuses arguments that cannot be right.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { faultServer } from "../e2e/fault-server.mjs";
import { fetchModel } from "./commands.mjs";
import { assertRefused, FILES, NAMES, TINY } from "./tiny.mjs";

let root;
let folder;
let server;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "patchbay-fetch-"));
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
const fetchTo = (model) => fetchModel(["--model", model, "--to", folder], { HF_HOME: join(root, "hf") });
const fetchTiny = () => fetchTo(server.url);
const at = (name) => join(folder, name);

describe("what is in the folder and not from here is left alone", () => {
  const mine = join("..", "mine");
  const KINDS = {
    "a file": (path) => writeFileSync(path, "mine"),
    "a link": (path) => symlinkSync(mine, path),
    "a link to nothing": (path) => symlinkSync("nothing", path),
    "a pipe": (path) => execFileSync("mkfifo", [path]),
    "a folder": (path) => mkdirSync(path),
  };
  for (const [kind, make] of Object.entries(KINDS)) {
    test(`${kind} in place of a file`, { skip: process.platform === "win32" }, async () => {
      await serve();
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, mine), "mine");
      for (const name of [...NAMES, "vocab.json", "model.safetensors.index.json"]) {
        make(at(name));
        assertRefused(await fetchTiny(), 2, new RegExp(`^patchbay: --to: expected .*, found a ${name} in `));
        rmSync(at(name), { recursive: true });
      }
      // Whatever bears the names that are used on the way: it is not written into, followed or waited for.
      make(at(".patchbay-fetch"));
      make(at("model.safetensors.part"));
      assertRefused(await fetchTiny(), 1, /\.patchbay-fetch is there: another fetch is under way/);
      rmSync(at(".patchbay-fetch"), { recursive: true });
      assert.equal((await fetchTiny()).code, 0);
      assert.ok(readdirSync(folder).includes("model.safetensors.part"));
      assert.equal(readFileSync(join(folder, mine), "utf8"), "mine");
      // In place of the record it cannot hang either.
      rmSync(at("patchbay.json"));
      make(at("patchbay.json"));
      assertRefused(await fetchTiny(), 1, /cannot read \S*patchbay\.json; remove it/);
    });
  }

  test("another model's files, and what a fetch that was stopped has left", async () => {
    await serve();
    assert.equal((await fetchTiny()).code, 0);
    assertRefused(
      await fetchTo(`${server.url}other/`),
      2,
      /--to: expected a folder for \S+, found the model of \S+ in /,
    );
    mkdirSync(at(".patchbay-fetch"));
    for (const name of ["lock", "model.safetensors"]) writeFileSync(join(at(".patchbay-fetch"), name), "");
    writeFileSync(at("config.json"), "{}");
    assert.equal((await fetchTiny()).code, 0);
    assert.ok(readFileSync(at("config.json")).equals(FILES["config.json"]));
    assert.deepEqual(readdirSync(folder).sort(), [...NAMES, "patchbay.json"].sort());
  });
});

describe("bad arguments: exit 2, one line", () => {
  const to = () => ["--to", folder];
  const known = "openai-community/gpt2";
  for (const [what, args, words] of [
    ["no folder", () => ["--model", "http://127.0.0.1/"], /--to <DIR>/],
    [
      "a folder for a model",
      () => ["--model", "./here", ...to()],
      /expected OWNER\/NAME on the hub, or an address .* found "\.\/here"/,
    ],
    ["another scheme", () => ["--model", "ftp://127.0.0.1/", ...to()], /https:\/\/ or http:\/\//],
    [
      "a password",
      () => ["--model", "http://a:secret@127.0.0.1/", ...to()],
      /without user name and password/,
    ],
    [
      "a page of a dataset",
      () => ["--model", "https://huggingface.co/datasets/a/b", ...to()],
      /expected the page of a model/,
    ],
    [
      "no hash",
      () => ["--model", "http://127.0.0.1/", ...to(), "--sha256", "abc"],
      /expected 64 hexadecimal digits/,
    ],
    [
      "another hash than the known one",
      () => ["--model", known, ...to(), "--sha256", "0".repeat(64)],
      /--sha256: expected 248dfc39/,
    ],
  ]) {
    test(what, async () => {
      const result = await fetchModel(args());
      assertRefused(result, 2, words);
      assert.match(result.stderr, /^patchbay: [^\n]+\n$/);
      assert.ok(!existsSync(folder));
    });
  }

  test("a file or a pipe for a folder", async () => {
    mkdirSync(join(root, "to"));
    writeFileSync(folder, "");
    assertRefused(await fetchTo("http://127.0.0.1/"), 2, /found a file at/);
    const below = await fetchModel(["--model", "http://127.0.0.1/", "--to", join(folder, "below")]);
    assertRefused(below, 2, /found a file on the way/);
  });
});
