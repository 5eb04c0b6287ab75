// Why the head attends: the fixture's contributions, planes of pairs, and the further questions below them. What is said of a
// decomposition is the crate's and tested there; how a figure is walked, marked and saved, in www/charts; links in www/store.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertNear, fill, outcome, quiet, run, runWell, show, TINY, TINY_FORM } from "./helpers.mjs";
import { saved } from "./saved.mjs";
import { openStage } from "./stage.mjs";

/** Of an independent implementation; the native command is compared with the same, see tests/headless. */
const ALL = JSON.parse(readFileSync(join(TINY, "decompositions.json"), "utf8"));
const [FIGURES] = ALL.heads;
const WHY = "Why does it attend?";

const stage = openStage();

/** The question, asked of the tiny model. */
async function opened(options = {}) {
  const page = await stage.open(options);
  await fill(page, { model: `url:${stage.modelUrl}`, ...TINY_FORM });
  await show(page, WHY);
  return { page, result: await runWell(page) };
}

/** Sets fields; answers with the decomposition that the page then shows by itself, once it is as `spec` says. */
async function takenApart(page, fields, spec) {
  await fill(page, fields);
  const handle = await page.waitForFunction((spec) => {
    const { result } = window.patchbay;
    return Object.entries(spec).every(([name, value]) => result?.spec[name] === value) && result;
  }, spec);
  await quiet(page);
  return handle.jsonValue();
}

/** A part of the fixture by component: a row of what is of no layer, then one a layer, of its heads and its MLP. */
function byComponent({ contributions, b_O }, label) {
  const [[W_E, W_pos, bias], ...layers] = contributions[label];
  const named = layers.flatMap((row, layer) => [
    ...row.map((value, i) => [i < row.length - 1 ? `${layer}.${i}` : `MLP_${layer}`, value]),
    [`b_O_${layer}`, b_O[label][layer]],
  ]);
  return { bias, W_E, W_pos, ...Object.fromEntries(named) };
}

function assertFixture({ spec, components, parts, accounting }) {
  const names = Object.keys(FIGURES.decompositions[0]).filter((name) => name in spec);
  const wanted = FIGURES.decompositions.find((it) =>
    names.every((name) => (it[name] || null) === (spec[name] || null)),
  );
  assert.ok(wanted, `no figures of ${JSON.stringify(spec)}`);
  assertNear(accounting.measured, wanted.measured, 1e-4, "the score");
  assert.deepEqual(
    parts.map(({ label }) => label),
    Object.keys(wanted.contributions),
  );
  for (const { label, values } of parts) {
    const figures = byComponent(wanted, label);
    assert.deepEqual([...components].sort(), Object.keys(figures).sort());
    components.forEach((name, i) => {
      assertNear(values[i], figures[name], 1e-4, `${label} ${name}`);
    });
  }
}

const figure = (page, name) => page.getByRole("figure", { name });
const json = async (page, figure) =>
  JSON.parse((await saved(page, figure.getByRole("button", { name: "JSON of:" }))).text);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a small model is taken apart again as the settings change: the fixture's figures", async () => {
  const { page, result } = await opened();
  assertFixture(result);
  assertFixture(await takenApart(page, { decompose_score: "io" }, { subtract_S1: false }));
  const projected = await takenApart(
    page,
    { decompose_query: "project_to_W_U_IO", decompose_span: "io_s_forms" },
    { include_name_forms_in_unembed_projection: true },
  );
  assertFixture(projected);
  await page.getByText(/LN's normalization \(0\.0436\)/).waitFor();
  // A side that is substituted cannot be taken apart.
  await takenApart(page, { decompose_query: "sub_W_U_IO" }, { intervene_on_query: "sub_W_U_IO" });
  await fill(page, { decompose_by: "queries" });
  await page.locator(".field-error").waitFor();
  const fields = { decompose_query: "unchanged", decompose_key: "sub_W_E (including MLPs)" };
  const spec = { decompose_by: "queries", intervene_on_key: "sub_W_E (including MLPs)" };
  assertFixture(await takenApart(page, fields, spec));
  assert.equal(await page.locator(".field-error").count(), 0);
});

for (const device of ["cpu", "webgpu"])
  describe(device, () => {
    const own = openStage({ webgpu: device === "webgpu" });
    test("the bundled model's contributions add up, by each side and by both", async () => {
      const page = await own.open({ hash: "" });
      await outcome(page);
      await fill(page, { device, n: "20" });
      const { conditions, device: used } = await runWell(page);
      assert.equal(used, device === "cpu" ? "cpu" : "gpu");
      await show(page, WHY);
      for (const decompose_by of ["queries", "both", "keys"]) {
        const { accounting, parts } = await takenApart(page, { decompose_by }, { decompose_by });
        assert.ok(accounting.holds && accounting.relative_miss < 1e-4, JSON.stringify(accounting));
        assertNear(accounting.measured, conditions.clean.mean_diff, 1e-4, `${decompose_by}, measured`);
        const sum = parts.flatMap(({ values }) => values).reduce((all, value) => all + value, 0);
        assertNear(sum + accounting.normalization, accounting.measured, 1e-4, `${decompose_by}, sum`);
      }
    });
  });

test("pairs: the fixture's, as strong as they are large, walked and zoomed as one, marked where one clicks", async () => {
  const { page } = await opened();
  const result = await takenApart(
    page,
    { decompose_by: "both", decompose_span: "io_s" },
    { decompose_by: "both", include_S1_in_unembed_projection: true },
  );
  const wanted = FIGURES.full.find((it) => it.subtract_S1 && it.include_S1_in_unembed_projection);
  assert.deepEqual(result.components, wanted.components);
  wanted.values.forEach((plane, i) => {
    plane.flat().forEach((value, place) => {
      assertNear(result.parts[i].values[place], value, 1e-4, `plane ${i}, ${place}`);
    });
  });
  const pairs = figure(page, "All pairs");
  await pairs.scrollIntoViewIfNeeded();
  const canvas = pairs.locator("canvas").first();
  const alpha = () =>
    canvas.evaluate((it) => {
      const { data } = it.getContext("2d").getImageData(0, 0, it.width, it.height);
      return [...data.filter((_, i) => i % 4 === 3)];
    });
  const most = Math.max(...wanted.values.flat(2).map(Math.abs));
  for (const [threshold, faint] of [
    ["0", () => 1],
    ["50", (strength) => (strength < 0.5 ? 0.2 : 1)],
  ]) {
    await pairs.getByLabel("faint below").fill(threshold);
    (await alpha()).forEach((found, i) => {
      const strength = Math.abs(wanted.values[0].flat()[i]) / most;
      // A step of the canvas's colours.
      assertNear(found, strength * faint(strength) * 255, 1, `cell ${i} from ${threshold}%`);
    });
  }
  // The click's place is the pair that is there, also after a scroll.
  await pairs.getByLabel("zoom").fill("8");
  const planes = pairs.locator(".plane");
  await planes.nth(2).evaluate((plane) => plane.scrollTo(150, 90));
  const scrolled = (least, most) =>
    planes.evaluateAll(
      async (all, [least, most]) => {
        const is = ({ scrollLeft: left }) => left >= least && left <= most && left === all[0].scrollLeft;
        while (!all.every(is)) await new Promise(requestAnimationFrame);
      },
      [least, most],
    );
  await scrolled(150, 150);
  const { width } = await canvas.boundingBox();
  const cell = width / wanted.components.length;
  await canvas.click({ position: { x: 4.5 * cell, y: 3.5 * cell } });
  const mark = `${wanted.components[3]} ${wanted.components[4]}`;
  assert.equal(await pairs.getByLabel("marked pairs").inputValue(), mark);
  // The keyboard brings what it comes to into view, in all planes.
  await pairs.getByRole("grid").focus();
  await page.keyboard.press("End");
  await scrolled(151, Number.POSITIVE_INFINITY);

  // What it is drawn with outlasts the question, and is in the link.
  await show(page, "Runs");
  await show(page, WHY);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForFunction(() => location.hash.includes("decompose.pairs.zoom=8"));
  const other = await stage.open({ hash: new URL(page.url()).hash });
  await runWell(other);
  const set = (name) => figure(other, "All pairs").getByLabel(name).inputValue();
  const found = await Promise.all(["zoom", "faint below", "marked pairs"].map(set));
  assert.deepEqual(found, ["8", "50", mark]);
});

/** Opens a further question below and asks it. */
async function ask(page, title, fields = {}) {
  const section = page.locator("details.more", { hasText: title });
  if (!(await section.evaluate((it) => it.open))) await section.locator("summary").click();
  await fill(page, fields);
  await section.getByRole("button", { name: /^Ask/ }).click();
  await quiet(page);
  return section;
}

test("if the head read something simple: the fixture's figures; a name mover that is none is refused", async () => {
  const { page } = await opened();
  const { name_mover, ...wanted } = FIGURES.replacements;
  const title = "If the head read something simple";
  for (const side of ["queries", "keys"]) {
    const section = await ask(page, title, { replace_side: side, replace_name_mover: name_mover.join(".") });
    const conditions = Object.entries(wanted[side === "keys" ? "key_replacements" : "query_replacements"]);
    await section
      .getByRole("table", { name: "Means by condition" })
      .getByRole("rowheader", { name: conditions[1][0], exact: true })
      .waitFor();
    const { axes, columns } = await json(page, figure(page, "How the prompts are spread"));
    assert.deepEqual(
      axes[0].labels,
      conditions.map(([name]) => name),
    );
    for (const { name, values } of columns)
      values.forEach((value, i) => {
        const [condition, figures] = conditions[Math.floor(i / 20)];
        assertNear(value, figures[name][i % 20], 1e-3, `${condition} ${name} ${i % 20}`);
      });
  }
  const section = await ask(page, title, { replace_side: "queries", replace_name_mover: "9.9" });
  await section
    .locator(".message.bad")
    .getByText(/must be a head below layer 2, of heads 0 to 3; 9\.9 is not/)
    .waitFor();
});

test("a token's neighbours, and how much IO's embedding is what the key reads: the fixture's", async () => {
  const { page } = await opened();
  const lexicon = JSON.parse(readFileSync(join(TINY, "../../../crate/src/ioi/lexicon.json"), "utf8"));
  const near = await ask(page, "Nearest tokens", { explore_token: ` ${lexicon.names[0]}` });
  await near.getByRole("figure").first().waitFor();
  const spaces = Object.entries(ALL.nearest).filter(([name]) => name !== "token");
  for (const [i, [space, { cosines }]] of spaces.entries()) {
    const { columns } = await json(page, near.getByRole("figure").nth(i));
    cosines.forEach((cosine, place) => {
      assertNear(columns[0].values[place], cosine, 1e-4, `${space} ${place}`);
    });
  }
  const like = await ask(page, "Is it the name's embedding that the key reads?");
  const rows = like.getByRole("table", { name: "Mean cosines" }).locator("tbody tr");
  await rows.first().waitFor();
  const shown = await rows.allInnerTexts();
  Object.values(FIGURES.resemblance).forEach(({ input, key }, i) => {
    for (const text of [input, key].map((values) => mean(values).toFixed(3)))
      assert.ok(shown[i].includes(text), `${text} in ${shown[i]}`);
  });
  const refused = await ask(page, "Nearest tokens", { explore_token: "no single token" });
  await refused.locator(".message.bad").waitFor();
});

test("390 pixels are wide enough, with the planes too", async () => {
  const { page } = await opened({ viewport: { width: 390, height: 800 } });
  await fill(page, { decompose_by: "both" });
  assert.equal((await run(page)).end, "done");
  await figure(page, "All pairs").scrollIntoViewIfNeeded();
  await figure(page, "All pairs").locator("canvas").first().waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
