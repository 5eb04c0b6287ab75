// The archive of a release: unpacked into a folder of any static host, it is the whole page.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { before, test } from "node:test";
import { unzipSync } from "fflate";
import { archive } from "../../scripts/archive.mjs";
import { DIST, state } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();
let zip;
let path;
before(async () => {
  path = await archive();
  zip = readFileSync(path);
});

test("its SHA-256 is beside it, and it is the same when it is made again", async () => {
  const hash = createHash("sha256").update(zip).digest("hex");
  assert.equal(readFileSync(`${path}.sha256`, "utf8"), `${hash}  ${basename(path)}\n`);
  assert.ok(readFileSync(await archive()).equals(zip));
});

test("unpacked and served from a folder, the page runs its model, and asks for nothing outside that folder", async () => {
  const top = stage.folder();
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const file = join(top, "some where", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  const folder = `some where/${basename(path, ".zip")}`;
  const left = readdirSync(DIST, { recursive: true }).filter(
    (name) => !readdirSync(join(top, folder), { recursive: true }).includes(name),
  );
  assert.deepEqual(left, []);
  assert.match(readFileSync(join(top, folder, "HOSTING.md"), "utf8"), /application\/wasm/);

  const site = await stage.serve(top, { cors: false, isolated: false });
  const home = new URL(`${folder}/`, site.url).href;
  const page = await (await stage.newContext()).newPage();
  const asked = [];
  page.on("response", (response) => asked.push({ url: response.url(), status: response.status() }));
  await page.goto(home);
  assert.equal(await state(page, "done", "error"), "done");
  assert.deepEqual(
    asked.filter(({ url, status }) => !url.startsWith(home) || status !== 200),
    [],
  );
  assert.ok(asked.some(({ url }) => url.endsWith(".wasm")));
});
