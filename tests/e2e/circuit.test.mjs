// Which circuit: paths and circuits have the reference's numbers, heads are toggled on a map, and a link brings it all back.
// What is said of them is the crate's and tested there; what the controls write, in www/panels/circuit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertNear, fill, quiet, runWell, show, state, TINY, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

const read = (name) => JSON.parse(readFileSync(join(TINY, name), "utf8"));
const PATHS = read("paths.json");
const CIRCUITS = read("circuits.json").filter(({ model }) => model === "tiny");
const CIRCUIT = "Which circuit?";

/** The fields that say an entry's prompts. */
function promptsOf({ task: { corruption, dataset } }) {
  const { n, seed, symmetric, prompt_type, prepend_bos } = dataset;
  return { corruption, n: String(n), seed: String(seed), symmetric, prompt_type, prepend_bos };
}

async function opened(spec, options = {}) {
  const page = await stage.open(options);
  const { corruption, ...prompts } = promptsOf(spec);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM, ...prompts });
  await show(page, CIRCUIT);
  await fill(page, { corruption });
  return page;
}

function assertNested(found, expected, what) {
  if (!Array.isArray(expected)) {
    if (expected === null) return assert.equal(found, null, what);
    return assertNear(found, expected, 1e-3, what);
  }
  assert.equal(found.length, expected.length, what);
  for (const [i, part] of expected.entries()) assertNested(found[i], part, `${what}, ${i}`);
}

const map = (page) => page.getByRole("grid", { name: /^Heads, 3 layers of 4\./ });
const press = (page, head) => map(page).getByRole("gridcell", { name: head, exact: true }).click();
const written = (page, name) => page.locator(`[name="${name}"]`).inputValue();

test("paths to the logits and to heads have the reference's numbers; the map writes what reads", async () => {
  const toLogits = PATHS.find(
    ({ spec }) => spec.receivers.join() === "logits" && !spec.senders && !spec.metric,
  );
  const page = await opened(toLogits.spec);
  const result = await runWell(page);
  assertNested(result.change, toLogits.change, "change");
  await page.getByRole("heading", { level: 2, name: /^Of 12 heads, / }).waitFor();
  await page
    .getByRole("figure", { name: /^(Lost|Changed) where what one head sends to the logits/ })
    .waitFor();
  await press(page, "2.1");
  assert.equal(await written(page, "paths_receivers"), "2.1.q");
  const { spec } = await runWell(page);
  assert.deepEqual(spec.receivers, ["2.1.q"]);
  await page.getByRole("heading", { level: 2, name: /^Of 8 heads, / }).waitFor();
  await quiet(page);
});

test("a circuit has the reference's numbers, what its nodes add, and a drawing", async () => {
  const entry = CIRCUITS.find(({ spec }) => spec.examine && spec.fill === "mean");
  const page = await opened(entry.spec);
  await fill(page, { circuit_step: "circuit", circuit_keep: entry.spec.keep.nodes.join(", ") });
  const result = await runWell(page);
  for (const name of ["full", "circuit", "empty"]) assertNear(result[name], entry[name], 1e-3, name);
  await page
    .getByRole("heading", { level: 2, name: /logit difference/ })
    .first()
    .waitFor();
  // They follow by themselves of a small model.
  const nodes = page.getByRole("region", { name: "What each node adds" });
  await nodes
    .getByRole("figure", { name: /^What each node adds/ })
    .first()
    .waitFor();
  const [node] = entry.nodes;
  await nodes.getByRole("button", { name: "Table: What each node adds", exact: true }).click();
  const row = nodes.getByRole("row", { name: new RegExp(`^${node.node} `) });
  const [, adds] = await row.locator("th, td").allInnerTexts();
  assertNear(Number(adds), entry.circuit - node.without_in_circuit, 1e-3, "adds");
  const drawn = page.getByRole("region", { name: "The circuit, drawn" });
  const figure = drawn.getByRole("figure", { name: "The circuit", exact: true });
  // What is far from the view is not drawn.
  await figure.scrollIntoViewIfNeeded();
  const grid = figure.getByRole("grid");
  await grid.focus();
  const told = () => grid.getByRole("gridcell").getAttribute("aria-label");
  // The head that is chosen on the page.
  assert.match(await told(), /^2\.1@END · reads .* · sends to logits /);
  await page.keyboard.press("ArrowUp");
  assert.match(await told(), /^logits · reads from /);
});

test("heads that are toggled and positions are in the text, and a link brings them back", async () => {
  const page = await opened(CIRCUITS[0].spec, { permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { circuit_step: "circuit", circuit_keep: "2.1@END" });
  await runWell(page);
  await page.getByLabel("S2", { exact: true }).check();
  await press(page, "1.0");
  await press(page, "2.1");
  assert.equal(await written(page, "circuit_keep"), "1.0@END+S2");
  const { spec, circuit } = await runWell(page);
  assert.deepEqual(spec.keep, { nodes: ["1.0@END+S2"] });
  const preset = page.getByRole("button", { name: /^the 26 heads/ });
  assert.equal(await preset.getAttribute("aria-disabled"), "true");
  await page.getByText("This model has 3 layers of 4 heads; there is no 9.9.").waitFor();
  await quiet(page);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const other = await stage.open({ hash: new URL(page.url()).hash });
  const again = await runWell(other);
  assert.deepEqual([again.spec, again.circuit], [spec, circuit]);
});

test("the page's own model answers unasked, on a phone too", async () => {
  const page = await stage.open({ hash: "", viewport: { width: 390, height: 844 } });
  await state(page, "done");
  await show(page, CIRCUIT);
  await page.getByRole("heading", { level: 2, name: /^Of \d+ heads, / }).waitFor();
  await page.locator("[name=circuit_step]").selectOption("circuit");
  await page.getByRole("region", { name: "The circuit, drawn" }).getByRole("figure").first().waitFor();
  await quiet(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px wider than the view`);
});
