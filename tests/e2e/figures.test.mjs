// The figures of a result: their numbers, their tables, what the pointer and the keyboard do in them, and their files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { beginWorker, wrapExport } from "./faults.mjs";
import { assertNear, DIST, EXPECTED, fill, openStage, runWell, TINY_FORM } from "./helpers.mjs";
import { assertStandsAlone, pixels, saved } from "./saved.mjs";

const EXPECTED_CONDITIONS = Object.entries(EXPECTED.frozen_ln.conditions);
const CONDITIONS = EXPECTED_CONDITIONS.map(([name]) => name);
const FIGURES = ["means", "effects", "scatter", "histogram"];
const VERSION = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const figuresDone = (page) => page.waitForSelector('#figures[aria-busy="false"]');

async function shown(options = {}, fields = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  const result = await runWell(page);
  await figuresDone(page);
  return { page, result };
}

/** The rows of a figure's table, its head first. */
const twin = (page, name) =>
  page
    .locator(`#figure-${name} details tr`)
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));

const interval = (text) => {
  const [, low, high] = /^\[(-?[\d.]+), (-?[\d.]+)\]$/.exec(text) ?? assert.fail(text);
  return [Number(low), Number(high)];
};

function assertWithin(value, text) {
  const [low, high] = interval(text);
  // The interval is printed with fewer digits than the value.
  assert.ok(low - 0.06 <= value && value <= high + 0.06 && low <= high, `${value} in ${text}`);
}

test("means, differences and shares are the reference's, within their intervals", async () => {
  const { page } = await shown();
  const clean = EXPECTED.frozen_ln.conditions.clean.mean_diff;
  const means = await twin(page, "means");
  assert.deepEqual(means[0], ["condition", "mean", "95% CI"]);
  EXPECTED_CONDITIONS.forEach(([name, { mean_diff }], i) => {
    const [condition, value, ci] = means[i + 1];
    assert.equal(condition, name);
    assertNear(Number(value), mean_diff, 1e-3, name);
    assertWithin(mean_diff, ci);
  });
  const effects = await twin(page, "effects");
  assert.equal(effects.length, CONDITIONS.length);
  EXPECTED_CONDITIONS.slice(1).forEach(([name, { mean_diff }], i) => {
    const [condition, difference, ci, share] = effects[i + 1];
    assert.equal(condition, name);
    assertNear(Number(difference), mean_diff - clean, 1e-3, name);
    assertWithin(mean_diff - clean, ci);
    assertNear(Number.parseFloat(share), ((mean_diff - clean) / Math.abs(clean)) * 100, 0.2, name);
  });
  // The table of the result has them too.
  const rows = await page
    .locator("#results tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const column = rows[0].indexOf("95% CI");
  assert.deepEqual(
    rows.slice(1).map((cells) => cells[column]),
    means.slice(1).map(([, , ci]) => ci),
  );
  assert.equal(rows[0].at(-1), "95% CI of change");
  assert.match(
    await page.innerText("#figure-means figcaption"),
    /10,000 resamples of the 10 pairs of prompts, seed 1/,
  );
});

test("the bars are as long as the means, and a second run of the same gives the same intervals", async () => {
  const { page } = await shown();
  const figure = page.locator("#chart svg");
  assert.match(
    await figure.getAttribute("aria-description"),
    /clean 0\.7683, patched 0\.5865, projected 0\.2145/,
  );
  const widths = await page
    .locator('#chart g[data-mark="bar"] rect')
    .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("width"))));
  const [clean, ...others] = EXPECTED_CONDITIONS.map(([, { mean_diff }]) => mean_diff);
  others.forEach((mean, i) => {
    assertNear(widths[i + 1] / widths[0], mean / clean, 0.02, CONDITIONS[i + 1]);
  });
  const first = await twin(page, "means");
  await page.evaluate(() => document.querySelector("#results").replaceChildren());
  await runWell(page);
  await page.waitForSelector("#results tr");
  await figuresDone(page);
  assert.deepEqual(await twin(page, "means"), first);
});

test("the table beside the scatter plots has every prompt, a page at a time", async () => {
  const { page, result } = await shown({}, { n: "60" });
  const read = async () => (await twin(page, "scatter")).slice(1);
  await page.locator("#figure-scatter summary").click();
  const pages = [await read()];
  const next = page.locator("#figure-scatter .pager button", { hasText: "Next" });
  await next.click();
  pages.push(await read());
  assert.equal(await next.getAttribute("aria-disabled"), "true");
  // At the end it does nothing, and keeps the keyboard.
  await next.click({ force: true });
  assert.deepEqual(await read(), pages[1]);
  assert.match(await page.innerText("#figure-scatter .pager"), /rows 51 to 60 of 60/);
  const all = pages.flat();
  assert.equal(all.length, 60);
  all.forEach((cells, prompt) => {
    const expected = CONDITIONS.map((name) => result.conditions[name].diff[prompt].toFixed(4));
    assert.deepEqual(cells, [String(prompt + 1), ...expected]);
  });
});

test("a click on a point chooses its prompt", async () => {
  const { page, result } = await shown();
  assert.match(await page.innerText("#scatter-readout"), /^Prompt 1 \(chosen\)/);
  assert.equal(await page.locator("circle.chosen").count(), CONDITIONS.length - 1);
  // Beyond all others, so that no other point is nearer.
  const { diff } = result.conditions.clean;
  const last = diff.indexOf(Math.max(...diff));
  await page.locator("#figure-scatter .plot").scrollIntoViewIfNeeded();
  await page.mouse.move(...(await spot(page)));
  assert.match(
    await page.innerText("#scatter-readout"),
    new RegExp(`^Prompt ${last + 1}: clean ${diff[last].toFixed(3)}`),
  );
  await page.mouse.click(...(await spot(page)));
  assert.match(await page.innerText("#scatter-readout"), new RegExp(`^Prompt ${last + 1} \\(chosen\\)`));
  assert.ok((await page.innerText("#scatter-readout")).includes(EXPECTED.dataset.sentences[last]));
});

/** Where on the screen the first panel's rightmost point is. */
function spot(page) {
  return page.locator("#figure-scatter .points").evaluateAll((paths) => {
    const first = paths.filter((path) => path.ownerSVGElement === paths[0].ownerSVGElement);
    const places = first.flatMap((path) => {
      const { a, d, e, f } = path.getScreenCTM();
      const points = [...path.getAttribute("d").matchAll(/M([\d.-]+),([\d.-]+)/g)];
      return points.map(([, x, y]) => [a * x + e, d * y + f]);
    });
    return places.reduce((most, it) => (it[0] > most[0] ? it : most));
  });
}

test("with the keyboard: one stop, arrows go by clean score, Enter chooses", async () => {
  const { page, result } = await shown();
  const plot = page.locator("#figure-scatter .plot");
  assert.equal(await page.locator("#figure-scatter .plot [tabindex]").count(), 0);
  await page.locator("#figure-scatter button", { hasText: "PNG" }).focus();
  await page.keyboard.press("Tab");
  assert.ok(await plot.evaluate((it) => it === document.activeElement && it.matches(":focus-visible")));
  assert.notEqual(await plot.evaluate((it) => getComputedStyle(it).outlineStyle), "none");

  const { diff } = result.conditions.clean;
  const order = [...diff.keys()].sort((a, b) => diff[a] - diff[b]);
  const said = () => plot.getAttribute("aria-valuetext");
  await page.keyboard.press("Home");
  assert.match(await said(), new RegExp(`^Prompt ${order[0] + 1}\\b`));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowLeft");
  assert.match(await said(), new RegExp(`^Prompt ${order[1] + 1}: clean ${diff[order[1]].toFixed(3)}`));
  assert.equal(await plot.getAttribute("aria-valuenow"), "2");
  await page.keyboard.press("Enter");
  assert.match(await said(), new RegExp(`^Prompt ${order[1] + 1} \\(chosen\\)`));
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowRight");
  assert.match(await said(), new RegExp(`^Prompt ${order.at(-1) + 1}\\b`));
  await page.keyboard.press("Tab");
  assert.match(await page.innerText("#scatter-readout"), new RegExp(`^Prompt ${order[1] + 1} `));
});

test("histograms count every prompt, by order and by template", async () => {
  const { page, result } = await shown();
  const counts = async () => {
    const [header, ...rows] = await twin(page, "histogram");
    const sum = (column) => rows.reduce((total, cells) => total + Number(cells[column]), 0);
    return { header, rows, sums: Object.fromEntries(header.slice(1).map((name, i) => [name, sum(i + 1)])) };
  };
  const orders = await counts();
  const expected = (order) => EXPECTED.dataset.templates?.filter((it) => it === order).length;
  assert.equal(orders.sums.ABBA + orders.sums.BABA, 20);
  if (EXPECTED.dataset.templates) assert.equal(orders.sums.ABBA, expected("ABBA"));
  const { diff } = result.conditions.clean;
  for (const [bin, ...cells] of orders.rows) {
    const [low, high] = bin.split(" to ").map(Number);
    const inside = diff.filter((value) => value >= low && value < high).length;
    assert.equal(Number(cells[0]) + Number(cells[1]), inside, bin);
  }

  await page.selectOption("#histogram-split", "template");
  const templates = await counts();
  assert.ok(Object.keys(templates.sums).every((name) => /^(ABBA|BABA) \d+$/.test(name)));
  const abba = Object.entries(templates.sums).filter(([name]) => name.startsWith("ABBA"));
  assert.equal(
    abba.reduce((total, [, count]) => total + count, 0),
    orders.sums.ABBA,
  );

  await page.selectOption("#histogram-values", "projected minus clean");
  const differences = await counts();
  assert.match(differences.header[0], /projected minus clean/);
  const { diff: projected } = result.conditions.projected;
  const largest = Math.max(...projected.map((value, i) => value - diff[i]));
  const [low, high] = differences.rows.at(-1)[0].split(" to ").map(Number);
  assert.ok(low <= largest && largest <= high);
});

const file = (page, name, kind) => saved(page, page.locator(`#figure-${name} button`, { hasText: kind }));

for (const colorScheme of ["light", "dark"]) {
  test(`figures as files stand alone (${colorScheme})`, async () => {
    const { page } = await shown({ colorScheme });
    for (const figure of FIGURES) {
      const svg = await file(page, figure, "SVG");
      assert.equal(svg.name, `patchbay-2.1-n20-seed42-${figure}.svg`);
      assert.match(svg.text, /seed 42, mixed, symmetric, BOS/);
      const size = await assertStandsAlone(page, svg.text);

      const png = await file(page, figure, "PNG");
      assert.equal(png.name, svg.name.replace(/svg$/, "png"));
      const { width, height, corner, dark, coloured } = await pixels(page, png.bytes);
      assert.deepEqual([width, height], [Math.floor(size[0]) * 2, Math.floor(size[1]) * 2]);
      assert.deepEqual(corner, [255, 255, 255, 255]);
      // Letters and lines, and what is drawn in colour.
      assert.ok(dark > 500 && coloured > 100, `${figure}: ${dark} dark pixels, ${coloured} coloured`);
    }
  });
}

test("the line to cite says what was run, and is copied", async () => {
  const context = await stage.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page, result } = await shown({ context });
  const line = await page.innerText("#cite-text");
  for (const part of [`Patchbay ${VERSION}`, stage.modelUrl, `SHA-256 ${result.origin.sha256.slice(0, 12)}`])
    assert.ok(line.includes(part), `${part} in ${line}`);
  assert.match(
    line,
    /head 2\.1; n=20, seed 42, mixed, symmetric, BOS, flip "ABB -> BAB, BAB -> ABB", LayerNorm scale frozen, CPU; \d{4}-\d\d-\d\d\.$/,
  );
  await page.click("#cite-copy");
  await page.waitForFunction(() => document.querySelector("#cite-status").textContent === "Copied.");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line);
});

test("one prompt has means and no intervals", async () => {
  const { page } = await shown({}, { n: "1", symmetric: false });
  const means = await twin(page, "means");
  assert.deepEqual(
    means.slice(1).map(([, , ci]) => ci),
    CONDITIONS.map(() => "–"),
  );
  assert.match(await page.innerText("#figure-means figcaption"), /no confidence interval/);
  assert.equal(await page.locator("#figure-histogram .plot svg").count(), 1);
});

test("text of a prompt is no HTML", async () => {
  // As if the dataset held it: no template does. Prompts go over a port of their own, as a call's first argument.
  const worker = `{
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (message, ...rest) {
      const given = message?.argumentList?.[0]?.value;
      if (Array.isArray(given))
        for (const prompt of given) prompt.sentence = "<img src=x onerror=alert(1)>";
      return post.call(this, message, ...rest);
    };
  }`;
  const { page } = await shown({ worker });
  assert.match(await page.innerText("#scatter-readout"), /<img src=x onerror=alert\(1\)>/);
  assert.equal(await page.locator("#figures img").count(), 0);
});

test("without the prompts the histograms have one group", async () => {
  const context = await stage.newContext();
  await beginWorker(context, wrapExport("model_dataset", "() => () => [0, 0, 1]"), DIST);
  const { page } = await shown({ context });
  const [header] = await twin(page, "histogram");
  assert.deepEqual(header.slice(1), ["all prompts"]);
  assert.equal(await page.isDisabled("#histogram-split"), true);
});

test("390 pixels are wide enough, and a page that is turned is drawn anew", async () => {
  const { page } = await shown({ viewport: { width: 390, height: 800 } });
  const width = () => page.locator("#chart svg").getAttribute("width").then(Number);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  const narrow = await width();
  // What scrolls by itself is a stop of the keyboard, elsewhere it is none.
  assert.equal(await page.getAttribute("#results-frame", "tabindex"), "0");
  await page.setViewportSize({ width: 640, height: 390 });
  await page.waitForFunction(
    (old) => Number(document.querySelector("#chart svg").getAttribute("width")) !== old,
    narrow,
  );
  await page.waitForFunction(() => !document.querySelector("#results-frame").hasAttribute("tabindex"));
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 640);
});
