// What the end-to-end tests share: the tiny model's figures, and what of the page is used in all of them, by role and label.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const DIST = join(ROOT, "dist");
const CARD = JSON.parse(readFileSync(join(DIST, "models/ioi-mini/card.json"), "utf8"));
/** The head that the page's own model is asked about, as "3.0". */
export const TOY_HEAD = CARD.default_head.join(".");

export const TINY = join(ROOT, "tests/fixtures/tiny");
export const EXPECTED = JSON.parse(readFileSync(join(TINY, "expected.json"), "utf8"));

/** The form for expected.json, by field. */
export const TINY_FORM = {
  layer: String(EXPECTED.head[0]),
  head: String(EXPECTED.head[1]),
  n: String(EXPECTED.dataset.spec.n),
  seed: String(EXPECTED.dataset.spec.seed),
  device: "cpu",
};

/** Waits until `check` is true, for what neither the page nor the browser tells of. */
export async function until(check, what) {
  const end = Date.now() + 60_000;
  while (!(await check())) {
    if (Date.now() > end) assert.fail(`waited for a minute: ${what}`);
    await sleep(20);
  }
}

/** Waits until the page is in one of these states, and says in which. */
export async function state(page, ...wanted) {
  const handle = await page.waitForFunction(
    (states) => states.find((name) => name === document.documentElement.dataset.state),
    wanted,
    { timeout: 150_000 },
  );
  return handle.jsonValue();
}

/** Sets fields by their names, e.g. { n: "20", symmetric: false, model: "url:http://…", device: "cpu" }. */
export async function fill(page, fields) {
  // The model first: another one may let go of a head that was chosen.
  const inOrder = Object.entries(fields).sort(([a], [b]) => Number(b === "model") - Number(a === "model"));
  for (const [name, value] of inOrder) {
    if (name === "model") await chooseModel(page, value);
    else if (name === "device") await page.getByRole("banner").getByLabel("Device").selectOption(value);
    else {
      const control = page.locator(`[name="${name}"]`).first();
      if (typeof value === "boolean") await control.setChecked(value);
      else if (await control.evaluate((it) => it.tagName === "SELECT")) await control.selectOption(value);
      else await control.fill(value);
    }
  }
}

const MODELS = { "ioi-mini": "Use ioi-mini", "openai-community/gpt2": "Use GPT-2 small" };

/** Opens the dialog of models. */
export async function openModels(page) {
  await page.getByRole("button", { name: /^Model:/ }).click();
  return page.getByRole("dialog", { name: "Models" });
}

export const closeModels = (page) => page.keyboard.press("Escape");

async function chooseModel(page, id) {
  const dialog = await openModels(page);
  if (id in MODELS) await dialog.getByRole("button", { name: MODELS[id], exact: true }).click();
  else {
    await dialog.getByLabel("From an address").fill(id.replace(/^url:/, ""));
    await dialog.getByRole("button", { name: "Use this address" }).click();
  }
  // It gives the keyboard back when it closes, which what is typed next would lose.
  await dialog.waitFor({ state: "hidden" });
}

/** Every field of the question in view, as the page shows it. */
export function formValues(page) {
  return page.evaluate(() => {
    const controls = document.querySelectorAll("main [name]");
    const values = [...controls].map((it) => [it.name, it.type === "checkbox" ? it.checked : it.value]);
    return Object.fromEntries(values);
  });
}

export const runButton = (page) => page.getByRole("button", { name: "Run", exact: true });

/** What the run bar says: an error, or news. */
export const message = (page) =>
  page.evaluate(() => document.querySelector(".run-bar .message")?.textContent ?? "");

/** Waits until the run bar says so of how far it is: the words come a frame after the step that they are of. */
export const progressSays = (page, words) =>
  page.locator(".run-bar .progress-text", { hasText: words }).waitFor();

/** Takes up the page's own offer to try it again. */
export const again = (page) => page.getByRole("button", { name: /^(Fetch|Run) again$/ }).click();

/** The tabs. */
export const QUESTIONS = [
  "Place or name?",
  "What matters?",
  "Who writes the answer?",
  "What does it attend to?",
  "Why does it attend?",
  "Which circuit?",
  "Prompts",
  "Runs",
  "Reproduce",
];

/** Goes to a question by its tab, or by the menu where the page is narrow. */
export async function show(page, title) {
  const tab = page.getByRole("link", { name: title, exact: true });
  if (await tab.isVisible()) await tab.click();
  else await page.getByLabel("Question", { exact: true }).selectOption({ label: title });
}

/** The answer is of the run in view, and all heads, which a small model is asked for after it unasked, are there as well. */
export async function swept(page) {
  await page.locator(".all-heads .report:not(.stale)").waitFor();
  await state(page, "done");
}

/** Nothing is under way, and what was asked for has been drawn. */
export async function quiet(page) {
  await page.waitForFunction(
    () =>
      document.querySelector(".run-bar progress") === null &&
      document.querySelector('[aria-busy="true"]') === null,
  );
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  });
}

/** Presses Run. From then on the page says that it loads or runs. */
export const pressRun = (page) => runButton(page).click();

/** Presses Run and waits for the end, whichever it is. */
export async function run(page) {
  await pressRun(page);
  return outcome(page);
}

export async function outcome(page) {
  const end = await state(page, "done", "error", "cancelled");
  const { result, error } = await page.evaluate(() => window.patchbay);
  return { end, result, error, message: await message(page) };
}

export async function runWell(page) {
  const { end, result, message } = await run(page);
  assert.equal(end, "done", message);
  return result;
}

/** What the page says it has stored of the model: waits for these figures; null: for nothing of it. */
export async function assertStored(page, id, wanted) {
  try {
    await page.waitForFunction(
      ([id, wanted]) => {
        const { stored } = window.patchbay;
        const model = stored?.models.find((model) => model.id === id);
        if (wanted === null) return stored && !model;
        return model && Object.entries(wanted).every(([key, value]) => model[key] === value);
      },
      [id, wanted],
      { timeout: 60_000 },
    );
  } catch {
    const found = await page.evaluate(() => window.patchbay.stored);
    assert.fail(`expected ${JSON.stringify(wanted)} of ${id}, found ${JSON.stringify(found)}`);
  }
}

/** Waits for a step of loading: of this stage, of more than `done` bytes, with a total, with a rate; answers with it. */
export async function loadStep(page, wanted) {
  const handle = await page.waitForFunction(
    ({ stage, what, done, total, rate }) => {
      const step = window.patchbay.load;
      if (!step || (stage && step.stage !== stage) || (what && step.what !== what)) return null;
      return step.done > (done ?? -1) && (!total || step.total) && (!rate || step.rate) ? step : null;
    },
    wanted,
    { timeout: 150_000 },
  );
  return handle.jsonValue();
}

/**
 * A cancel is to take 200 ms, and here takes 5 to 60. The bound is for machines that are slow and have other work: it still
 * tells a cancel from a download, a wait or a pause that goes on.
 */
const CANCEL_MS = 1000;

/** A cancel that the page said was done in time. */
export function assertSoon(ms) {
  assert.ok(ms < CANCEL_MS, `a cancel took ${ms} ms`);
}

/**
 * A cancel that was in time, and not only in what the page says: the worker has let go of the model's files. `waiting`: it
 * waited for another tab, which still has them.
 */
export async function assertStopped(page, ms, { waiting = false } = {}) {
  assertSoon(ms);
  const stopped = async (kind) => (await navigator.locks.query())[kind].length === 0;
  await page.waitForFunction(stopped, waiting ? "pending" : "held", { timeout: CANCEL_MS });
}

/** Presses Cancel; answers with the milliseconds until the page says that it has ended, and what it says. Too late is a failure. */
export async function cancel(page) {
  const ms = await page.evaluate(
    () =>
      new Promise((done, failed) => {
        // Without a limit, a run that had ended already would be waited for without end.
        setTimeout(() => failed(new Error("nothing was cancelled")), 60_000);
        const html = document.documentElement;
        const begun = performance.now();
        new MutationObserver((_, observer) => {
          if (!["cancelled", "done", "error"].includes(html.dataset.state)) return;
          observer.disconnect();
          done(performance.now() - begun);
        }).observe(html, { attributeFilter: ["data-state"] });
        [...document.querySelectorAll(".run-bar button")].find((it) => it.textContent === "Cancel").click();
      }),
  );
  const { error } = await page.evaluate(() => window.patchbay);
  assert.equal(error?.name, "Cancelled", "it had ended before the cancel");
  return { ms, message: await message(page) };
}

/** The figures of expected.json, prompt by prompt. */
export function assertFigures(result, expected = EXPECTED.frozen_ln, tolerance = 1e-3) {
  assert.deepEqual(result.head, EXPECTED.head);
  assert.deepEqual(Object.keys(result.conditions), Object.keys(expected.conditions));
  for (const [name, figures] of Object.entries(expected.conditions)) {
    const ours = result.conditions[name];
    assertNear(ours.mean_diff, figures.mean_diff, tolerance, `${name} mean_diff`);
    for (const key of ["diff", "io_score", "s1_score"]) {
      assert.equal(ours[key].length, figures[key].length, `${name} ${key}`);
      figures[key].forEach((figure, i) => {
        assertNear(ours[key][i], figure, tolerance, `${name} ${key}[${i}]`);
      });
    }
  }
  for (const [name, edit] of Object.entries(expected.edits)) {
    for (const [key, figure] of Object.entries(edit)) {
      assertNear(result.evidence.edits[name][key], figure, tolerance, `${name} ${key}`);
    }
  }
  assert.equal(result.evidence.noop_max_abs_change, 0);
}

/** All numbers of an answer, in their order, but times and what it was computed with. */
export function numbersOf(value, key = "") {
  if (["timings_ms", "origin", "device_info"].includes(key)) return [];
  if (typeof value === "number") return [value];
  return value === null || typeof value !== "object"
    ? []
    : Object.entries(value).flatMap(([key, value]) => numbersOf(value, key));
}

export function assertNear(found, expected, tolerance, what) {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: expected ${expected}, found ${found}`);
}

/** An error of the page: its kind, the words it must hold, and nothing half-done shown. */
export async function assertRefused(page, { end, error, message }, name, ...words) {
  assert.equal(end, "error", message);
  assert.equal(error.name, name, message);
  for (const word of words) assert.match(message, word);
  assert.equal(await page.evaluate(() => window.patchbay.result), null, "a result is shown");
}
