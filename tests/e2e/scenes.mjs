// What the tests of downloads and of storage share: a page with a server of its own that fails as it is told, and what
// was asked of that server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COUNT_TAKEN, computingWorkers } from "./faults.mjs";
import {
  again,
  assertFigures,
  assertStored,
  fill,
  outcome,
  runWell,
  TINY,
  TINY_FORM,
  until,
} from "./helpers.mjs";
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
/** What is asked for where so many bytes are there: some of them come again, to be compared. */
export const OVERLAP = 65_536;
export const from = (byte) => (byte > OVERLAP ? `bytes=${byte - OVERLAP}-` : null);

/**
 * A page whose form names the model of a server of its own. `long`: the model of 13 MB instead of the tiny one;
 * `files`: one of these files;
 * `context`: see stage.mjs; the rest is for the server.
 */
export async function scene(stage, options = {}) {
  const { long = false, files = long ? longModel(TINY) : null, worker = "", context: given = null } = options;
  const server = await stage.faults(files === null ? TINY : stage.folder(files), options);
  const page = await stage.open({ worker, context: given });
  const context = page.context();
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
  return { server, page, context, id, tab, reload, taken: await reading(page, server) };
}

/** For `until` of a server's plan: whether the page, until it is left, has read all bytes that these servers send from now on. */
export async function reading(page, ...servers) {
  const [worker] = computingWorkers(page);
  const sent = () => servers.reduce((sum, server) => sum + server.sent(), 0);
  const taken = () => worker.evaluate(COUNT_TAKEN);
  const before = sent() - (await taken());
  return async () => (await taken()) >= sent() - before;
}

/** For `until` too: the same, and then this is done, once, before the body ends. */
export const onceTaken = ({ taken }, act) => {
  return async () => {
    if (!(await taken())) return false;
    act();
    return true;
  };
};

/** Holds an answer of the server's back. */
export function hold(holdAfter) {
  let free = false;
  return {
    plan: { holdAfter, until: () => free },
    letGo() {
      free = true;
    },
  };
}

/** Waits until the page has read so many bytes of the weights, after which the server holds them back. */
export async function heldAt({ server, taken }, bytes) {
  const isSent = () => gets(server.requests).at(-1)?.sent === bytes;
  await until(async () => isSent() && (await taken()), `${bytes} bytes read`);
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
