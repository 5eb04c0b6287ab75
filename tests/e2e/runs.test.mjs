// The runs of the session: listed, shown again, compared, removed, and never lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slowSteps } from "./faults.mjs";
import {
  assertFigures,
  cancel,
  EXPECTED,
  fill,
  formValues,
  openStage,
  outcome,
  run,
  runWell,
  state,
  TINY_FORM,
} from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const form = () => ({ ...TINY_FORM, model: `url:${stage.modelUrl}` });
const titles = (page) => page.locator("#runs-list strong").allTextContents();
const mean = (name, set = "frozen_ln") => EXPECTED[set].conditions[name].mean_diff.toFixed(4);

/** Cells by row of a table of the comparison. */
const cells = (page, caption) =>
  page
    .locator(`#runs-comparison [aria-label="${caption}"] tbody tr`)
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

/** A page with a run that has its scale frozen and one that has it live. */
async function twoRuns(options = {}) {
  const page = await stage.open(options);
  await fill(page, form());
  await runWell(page);
  await fill(page, { freeze_ln: false });
  await runWell(page);
  return page;
}

test("runs stay in a list, the newest first, with their settings and means", async () => {
  const page = await stage.open();
  assert.equal(await page.isVisible("#runs"), false);
  await fill(page, form());
  await runWell(page);
  await fill(page, { freeze_ln: false });
  await runWell(page);
  assert.deepEqual(
    (await titles(page)).map((title) => title.replace(stage.modelUrl, "URL")),
    ["Run 2: head 2.1 of URL, patching positions", "Run 1: head 2.1 of URL, patching positions"],
  );
  const [second, first] = await page.locator("#runs-list li").allInnerTexts();
  assert.ok(
    first.includes(`clean ${mean("clean")} · patched ${mean("patched")} · projected ${mean("projected")}`),
  );
  assert.match(first, /20 prompts, seed 42, mixed, symmetric · BOS · flip .* · LN scale frozen · CPU/);
  assert.ok(second.includes(`projected ${mean("projected", "live_ln")}`));
  assert.match(second, /LN scale live/);
  assert.match(second, /shown above/);
});

test("a run is shown again, and the form is left alone", async () => {
  const page = await twoRuns();
  const show = async (number) => {
    await page.click(`[aria-label="Show run ${number}"]`);
    await page.waitForFunction(
      (text) => document.querySelector("#runs-status").textContent === text,
      `Run ${number} is shown.`,
    );
  };
  await show(1);
  const shown = await page.evaluate(() => window.patchbay.result);
  assert.equal(shown.spec.freeze_ln, true);
  assert.match(await page.innerText("#results"), new RegExp(mean("projected")));
  assert.equal(await page.isChecked("#freeze-ln"), false);
  assert.ok(await page.isVisible("#stale"), "the form says something else than the result");
  assert.match(await page.locator("#runs-list li[aria-current]").innerText(), /Run 1/);
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Show run 1");
  await show(2);
  assert.equal(await page.isVisible("#stale"), false);
  assert.equal((await titles(page)).length, 2, "showing a run again is no new run");
});

test("a run's settings go back into the form, by hand or by keyboard, and run again", async () => {
  const page = await twoRuns();
  await page.selectOption("#experiment", "controls");
  await fill(page, { seed: "x", n: "7", model: "ioi-mini" });
  await page.focus('[aria-label="Use settings of run 1"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.textContent("#runs-status"), "The settings of run 1 are in the form.");
  const values = await formValues(page);
  for (const [name, value] of Object.entries(TINY_FORM)) assert.equal(values[name], value, name);
  assert.equal(values["freeze-ln"], true);
  assert.equal(values.experiment, "patching_positions");
  assert.equal(values["model-url"], stage.modelUrl);
  assert.match(await page.textContent("#question"), /by its name/);
  // What was wrong before is not marked any more, and what is shown is another run's.
  await page.waitForFunction(() => document.querySelector("[aria-invalid]") === null);
  assert.ok(await page.isVisible("#stale"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "run");
  await page.keyboard.press("Enter");
  const { end, result, message } = await outcome(page);
  assert.equal(end, "done", message);
  assertFigures(result);
});

test("two runs are compared: what differs, the means, prompt by prompt", async () => {
  const page = await twoRuns();
  await page.check('[aria-label="Compare run 1"]');
  assert.equal(await page.isVisible("#runs-comparison"), false);
  assert.match(await page.textContent("#runs-status"), /second run/);
  await page.check('[aria-label="Compare run 2"]');
  assert.equal(await page.textContent("#runs-comparison-title"), "Run 1 beside run 2");
  assert.deepEqual(await cells(page, "Settings that differ"), [["Freeze LayerNorm scale", "true", "false"]]);
  const [clean, , projected] = await cells(page, "Means of both runs");
  assert.deepEqual(clean, ["clean", mean("clean"), mean("clean"), "0", "0", "0"]);
  assert.deepEqual(projected.slice(0, 3), ["projected", mean("projected"), mean("projected", "live_ln")]);
  await page.click("#runs-comparison summary");
  const prompts = await cells(page, "Prompt by prompt, all 20: run 2 minus run 1");
  assert.equal(prompts.length, 20);
  const wanted =
    EXPECTED.live_ln.conditions.projected.diff[0] - EXPECTED.frozen_ln.conditions.projected.diff[0];
  assert.ok(Math.abs(Number(prompts[0][3]) - wanted) < 1e-3, prompts[0][3]);

  // A third takes the place of the one ticked first; other prompts are not paired.
  await fill(page, { seed: "7", experiment: "controls" });
  await runWell(page);
  assert.ok(await page.isVisible("#runs-comparison"), "a new run ended the comparison");
  await page.check('[aria-label="Compare run 3"]');
  assert.equal(await page.textContent("#runs-comparison-title"), "Run 2 beside run 3");
  assert.equal(await page.isChecked('[aria-label="Compare run 1"]'), false);
  const settings = await cells(page, "Settings that differ");
  assert.deepEqual(
    settings.map(([name]) => name),
    ["Experiment", "Seed"],
  );
  const means = await cells(page, "Means of both runs");
  assert.deepEqual(means.find(([name]) => name === "projected on S").slice(1, 2), ["–"]);
  assert.equal(await page.locator("#runs-comparison details").count(), 0);
});

test("the keyboard alone compares and removes", async () => {
  const page = await twoRuns();
  await page.focus('[aria-label="Compare run 2"]');
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Compare run 2");
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Compare run 1");
  await page.keyboard.press("Space");
  assert.ok(await page.isVisible("#runs-comparison"));
  await page.focus('[aria-label="Remove run 2"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.isVisible("#runs-comparison"), false);
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Remove run 1");
  assert.equal(
    await page.evaluate(() => window.patchbay.result.spec.freeze_ln),
    false,
    "what is shown stays",
  );
  await page.keyboard.press("Enter");
  assert.deepEqual(await titles(page), []);
  assert.equal(await page.evaluate(() => document.activeElement.id), "runs-title");
});

test("neither a cancel, nor an error, nor another setting loses a run", async () => {
  const worker = slowSteps("experiment", 60);
  const page = await stage.open({ worker });
  await fill(page, form());
  await runWell(page);
  const before = await page.locator("#runs-list").innerText();
  await fill(page, { seed: "5", n: "100" });
  assert.equal(await page.locator("#runs-list").innerText(), before);
  await page.click("#run");
  await state(page, "running");
  await page.check('[aria-label="Compare run 1"]');
  await cancel(page);
  assert.equal(await page.locator("#runs-list").innerText(), before);
  assert.ok(await page.isVisible("#result"));
  await fill(page, { layer: "99" });
  assert.equal((await run(page)).end, "error");
  assert.equal(await page.locator("#runs-list").innerText(), before);
  await page.click('[aria-label="Show run 1"]');
  assert.match(await page.innerText("#results"), new RegExp(mean("patched")));
  assert.equal(await page.textContent("#message"), "");
});

test("at 390 px nothing is wider than the screen", async () => {
  const page = await twoRuns({ viewport: { width: 390, height: 800 } });
  await fill(page, { experiment: "controls" });
  await runWell(page);
  await page.check('[aria-label="Compare run 1"]');
  await page.check('[aria-label="Compare run 3"]');
  await page.click("#script-details summary");
  await page.waitForFunction(() => document.querySelector("#script").textContent.length > 1000);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
