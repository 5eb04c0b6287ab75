// What the tests of downloads and of storage share: a page with a server of its own that fails as it is told, and what
// was asked of that server.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultServer } from "./fault-server.mjs";
import { again, assertFigures, assertStored, fill, outcome, runWell, TINY, TINY_FORM } from "./helpers.mjs";
import { longModel } from "./models.mjs";

export const WEIGHTS = "model.safetensors";
export const GOOD = readFileSync(join(TINY, WEIGHTS));
export const SIZE = GOOD.length;
export const HEADER_END = 8 + Number(GOOD.readBigUInt64LE(0));
/** The tiny model's files by name, in the order in which the page asks for them. */
export const tinyFiles = () =>
  Object.fromEntries(
    ["config.json", "tokenizer.json", WEIGHTS].map((name) => [name, readFileSync(join(TINY, name))]),
  );
/** The size of those beside the weights. */
export const SMALL = Object.values(tinyFiles()).reduce((sum, { length }) => sum + length, 0) - SIZE;
/** Until the browser has read what was sent before a cut: it drops the rest. */
export const PAUSE = 500;
/** What is asked for where so many bytes are there: some of them come again, to be compared. */
export const OVERLAP = 65_536;
export const from = (byte) => (byte > OVERLAP ? `bytes=${byte - OVERLAP}-` : null);

/**
 * A page whose form names the model of a server of its own. `long`: the model of 13 MB instead of the tiny one;
 * `files`: one of these files;
 * `context`: see helpers.mjs; the rest is for the server.
 */
export async function scene(t, stage, options = {}) {
  const { long = false, files = long ? longModel(TINY) : null, worker = "", context: given = null } = options;
  const dir = files === null ? TINY : folderOf(t, files);
  const server = await faultServer(dir, options);
  const page = await stage.open({ worker, context: given });
  const context = page.context();
  t.after(async () => {
    await context.close();
    await server.close();
  });
  const id = `url:${server.url}`;
  const form = { ...TINY_FORM, model: id };
  await fill(page, form);
  /** Another tab with the same form. */
  const tab = async () => {
    const other = await stage.open({ context });
    await fill(other, form);
    return other;
  };
  /** The same tab, anew. */
  const reload = async () => {
    await page.reload();
    await page.waitForSelector("html[data-state=ready]");
    await fill(page, form);
  };
  return { server, page, context, id, tab, reload };
}

function folderOf(t, files) {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-files-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What was asked for of the weights, in order: the Range, or null for all. */
export const asked = ({ requests }) =>
  gets(requests)
    .filter(({ path }) => path === WEIGHTS)
    .map(({ range }) => range);

/** The requests that were to bring a file. */
export const gets = (requests) => requests.filter(({ method, probe }) => method === "GET" && !probe);

/** A good run, and no preflight: hubs refuse those. */
export async function runsWell({ page, server, id }) {
  const result = await runWell(page);
  assertFigures(result);
  assert.deepEqual(
    server.requests.filter(({ method }) => method === "OPTIONS"),
    [],
  );
  await assertStored(page, id, { complete: true });
  return result;
}

/** The page's own offer to fetch again gives the figures. */
export async function fetchesAgain({ page, server, id }) {
  server.plan(WEIGHTS);
  server.requests.length = 0;
  await again(page);
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  await assertStored(page, id, { complete: true });
}
