// Why the head attends: the fixture's contributions by component, whether they add up, and the panel's own ways.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { slowSteps } from "./faults.mjs";
import { assertNear, cancel, fill, openStage, outcome, runWell, state, TINY, TINY_FORM } from "./helpers.mjs";
import { assertStandsAlone, pixels, saved, shapesIn } from "./saved.mjs";

/** Of an independent implementation; the native command is compared with the same, see tests/headless. */
const ALL = JSON.parse(readFileSync(join(TINY, "decompositions.json"), "utf8"));
const FIGURES = ALL.heads[0];

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

async function tinyRun({ fields = {}, ...options } = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  return { page, result: await runWell(page) };
}

/** The shown decomposition is of the settings and of the shown run. */
const decomposed = (page) =>
  page.waitForFunction(
    () =>
      document.querySelector("#decompose-view:not([hidden], .stale)") &&
      document.querySelector("#decompose-status").textContent === "",
  );

/** Of the bundled model, by each side and by both, against the run of the same page. */
async function assertBundledAddsUp(page, device) {
  await outcome(page);
  await fill(page, { device, n: "20" });
  const { conditions, device: used } = await runWell(page);
  assert.equal(used, device === "cpu" ? "cpu" : "gpu");
  for (const by of ["queries", "both", "keys"]) {
    await page.selectOption("#decompose-by", by);
    await page.waitForFunction(
      (by) => document.querySelector("#decompose-what").textContent.startsWith(`by ${by}`),
      by === "both" ? "query and key" : by,
    );
    await decomposed(page);
    const { text } = await saved(page, page.locator("#decompose-files button", { hasText: "JSON" }));
    const { accounting, parts } = JSON.parse(text);
    assert.ok(accounting.holds && accounting.relative_miss < 1e-4, JSON.stringify(accounting));
    assertNear(accounting.measured, conditions.clean.mean_diff, 1e-4, `${by}, measured`);
    const sum = parts.flatMap(({ values }) => values).reduce((all, value) => all + value, 0);
    assertNear(sum + accounting.normalization, accounting.measured, 1e-4, `${by}, sum`);
  }
}

/** The table's columns as numbers, by part and component. */
const tableOf = (page) =>
  page.evaluate(() => {
    const table = document.querySelector("#decompose-table table");
    const [, ...parts] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    return parts.map((_, i) =>
      Object.fromEntries(rows.map(([name, ...values]) => [name, Number(values[i])])),
    );
  });

function entry(settings) {
  const names = [
    "decompose_by",
    "intervene_on_query",
    "intervene_on_key",
    "subtract_S1",
    "include_S1_in_unembed_projection",
    "include_name_forms_in_unembed_projection",
  ];
  const found = FIGURES.decompositions.find((it) =>
    names.every((name) => (it[name] || null) === (settings[name] ?? null)),
  );
  assert.ok(found, `no figures of ${JSON.stringify(settings)}`);
  return found;
}

/** A part of the fixture by component. */
function byComponent({ contributions, b_O }, label) {
  const [[embedding, position, bias], ...layers] = contributions[label];
  const named = { bias, W_E: embedding, W_pos: position };
  layers.forEach((row, layer) => {
    const mlp = row.length - 1;
    row.slice(0, mlp).forEach((value, head) => {
      named[`${layer}.${head}`] = value;
    });
    named[`MLP_${layer}`] = row[mlp];
    named[`b_O_${layer}`] = b_O[label][layer];
  });
  return named;
}

async function assertFixture(page, settings) {
  const wanted = entry(settings);
  const table = await tableOf(page);
  const labels = Object.keys(wanted.contributions);
  assert.equal(table.length, labels.length);
  labels.forEach((label, i) => {
    const figures = byComponent(wanted, label);
    assert.deepEqual(Object.keys(table[i]).sort(), Object.keys(figures).sort());
    for (const [name, figure] of Object.entries(figures))
      assertNear(table[i][name], figure, 1e-4, `${label} ${name}`);
  });
  const text = await page.innerText("#decompose-accounting");
  assert.match(
    text,
    new RegExp(`score is ${wanted.measured.toFixed(4)}, mean over 20 prompts.*: they add up\\.$`),
  );
}

test("a small model is decomposed unasked, and again as the settings change: the fixture's figures", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  assert.equal(await page.isVisible("#progress"), false);
  await assertFixture(page, { decompose_by: "keys", subtract_S1: true });

  await page.selectOption("#decompose-score", "io");
  await decomposed(page);
  await assertFixture(page, { decompose_by: "keys" });

  await page.selectOption("#decompose-query", "project_to_W_U_IO");
  await page.selectOption("#decompose-span", "io_s_forms");
  await decomposed(page);
  await assertFixture(page, {
    decompose_by: "keys",
    intervene_on_query: "project_to_W_U_IO",
    include_S1_in_unembed_projection: true,
    include_name_forms_in_unembed_projection: true,
  });
  assert.match(await page.innerText("#decompose-accounting"), /LN's normalization \(0\.0436\)/);

  // A side that is substituted cannot be taken apart: the choice goes, and is not offered.
  await page.selectOption("#decompose-query", "sub_W_U_IO");
  await page.selectOption("#decompose-by", "queries");
  assert.equal(await page.inputValue("#decompose-query"), "unchanged");
  assert.ok(await page.locator("#decompose-query option[value=sub_W_U_IO]").isDisabled());
  await page.selectOption("#decompose-key", "sub_W_E (including MLPs)");
  await decomposed(page);
  await page.waitForFunction(() => /W_EE/.test(document.querySelector("#decompose-what").textContent));
  await assertFixture(page, { decompose_by: "queries", intervene_on_key: "sub_W_E (including MLPs)" });
});

test("the heat map shows the table's figures, and keys and pointer name a component", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  const [table] = await tableOf(page);
  const cells = await page
    .locator("#decompose-maps [role=gridcell]")
    .evaluateAll((cells) => cells.map((it) => [it.getAttribute("aria-label"), it.getAttribute("fill")]));
  assert.equal(cells.length, 3 + 2 * (4 + 2));
  for (const [label, fill] of cells) {
    const [, name, text] = /^(\S+), contribution (-?[\d.]+)$/.exec(label);
    assertNear(Number(text), table[name], 0.00051, label);
    if (Number(text) !== 0) assert.equal(fill, Number(text) < 0 ? "var(--minus)" : "var(--plus)", label);
  }
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.locator('#decompose-maps [tabindex="0"]').focus();
  for (const [key, name] of [
    ["ArrowRight", "W_pos"],
    ["End", "bias"],
    ["ArrowDown", "0.2"],
    ["End", "b_O_0"],
    ["ArrowLeft", "MLP_0"],
    ["ArrowDown", "MLP_1"],
    ["ArrowDown", "MLP_1"],
    ["ArrowUp", "MLP_0"],
    ["ArrowUp", "bias"],
  ]) {
    await page.keyboard.press(key);
    assert.ok((await focused()).startsWith(`${name}, `), `${key}: ${await focused()}`);
    assert.ok((await page.innerText("#decompose-readout")).startsWith(`${name}: contribution `));
  }
  await page.locator('#decompose-maps [aria-label^="1.3, "]').hover();
  assert.match(await page.innerText("#decompose-readout"), /^1\.3: contribution -?[\d.]+$/);
});

test("the bundled model's contributions add up", async () => {
  await assertBundledAddsUp(await stage.open({ hash: "" }), "cpu");
});

test("and on WebGPU", async () => {
  const gpu = await openStage({ webgpu: true });
  try {
    await assertBundledAddsUp(await gpu.open({ hash: "" }), "webgpu");
  } finally {
    await gpu.close();
  }
});

test("what does not add up is marked wrong, and shown", async () => {
  const worker = `const post = self.postMessage;
    self.postMessage = (message, ...rest) => {
      const accounting = message?.value?.value?.result?.accounting;
      if (accounting) Object.assign(accounting, { holds: false, relative_miss: 0.01 });
      return post.call(self, message, ...rest);
    };`;
  const { page } = await tinyRun({ worker });
  await decomposed(page);
  assert.match(await page.innerText("#decompose-accounting.wrong"), /^This decomposition is wrong\. /);
  assert.equal(await page.locator("#decompose-maps [role=gridcell]").count(), 15);
});

test("both sides: the fixture's pairs, the pair that is pointed at, marks, and files", async () => {
  const { page, result } = await tinyRun();
  await page.selectOption("#decompose-by", "both");
  await page.selectOption("#decompose-span", "io_s");
  await page.waitForSelector("#pairs-view:not([hidden])");
  await decomposed(page);
  await page.waitForFunction(() => /W_U\[S\]/.test(document.querySelector("#decompose-what").textContent));
  const wanted = FIGURES.full.find((it) => it.subtract_S1 && it.include_S1_in_unembed_projection);
  const file = (kind) => saved(page, page.locator("#decompose-files button", { hasText: kind }));
  const json = JSON.parse((await file("JSON")).text);
  assert.deepEqual(json.components, wanted.components);
  wanted.values.forEach((plane, i) => {
    plane.flat().forEach((figure, place) => {
      assertNear(json.parts[i].values[place], figure, 1e-4, `plane ${i}, ${place}`);
    });
  });
  const svg = await file("SVG");
  await assertStandsAlone(page, svg.text);
  assert.ok((await shapesIn(page, svg.text, "path")).length > 20);

  await page.locator("#pairs-planes canvas").first().focus();
  for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  const value = wanted.values[0][1][2].toFixed(4);
  const told = await page.innerText("#pairs-readout");
  assert.ok(
    told.startsWith(`Query W_E, key W_pos: query along W_U[IO] and W_U[S], key along MLP_0 ${value} (`),
    told,
  );
  assert.match(await page.innerText("#pairs-marked"), /^Not below this head: 9\.6 MLP_0, 9\.9 MLP_0/);
  await page.keyboard.press("Enter");
  assert.match(await page.inputValue("#decompose-marks"), /, W_E W_pos$/);
  assert.match(await page.innerText("#pairs-marked"), /^Marked, over all planes: W_E × W_pos [-+\d.]+%/);
  assert.equal(await page.locator("#pairs-bars [data-mark=bar] rect").count(), 40);

  // The largest pairs as a table and as files, with what is marked.
  const all = wanted.values.flatMap((plane, p) =>
    plane.flatMap((row, q) => row.map((value, k) => ({ p, q, k, value }))),
  );
  const sum = all.reduce((total, { value }) => total + value, 0);
  const most40 = all.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 40);
  const largestFile = JSON.parse(
    (await saved(page, page.locator("#pairs-bars-files button", { hasText: "JSON" }))).text,
  );
  const { largest } = largestFile;
  assert.equal(largestFile.origin.sha256, result.origin.sha256);
  const csvFile = await saved(page, page.locator("#pairs-bars-files button", { hasText: "CSV" }));
  assert.equal(csvFile.text.trimEnd().split("\n").length, 41);
  const table = await page
    .locator("#pairs-table tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  most40.forEach(({ value }, i) => {
    assertNear(largest[i].contribution, value, 1e-4, `largest ${i}`);
    assertNear(largest[i].share, (value / Math.abs(sum)) * 100, 0.1, `share ${i}`);
    const { query, key, contribution, marked } = largest[i];
    assert.deepEqual([table[i][0], table[i][1], table[i][5]], [query, key, marked ? "yes" : ""]);
    assertNear(Number(table[i][3]), contribution, 5.1e-5, `row ${i}`);
  });
  const [{ p, q, k }] = most40;
  assert.deepEqual(
    [largest[0].query, largest[0].key, largest[0].plane],
    [wanted.components[q], wanted.components[k], ["q∥ k∥", "q∥ k⊥", "q⊥ k∥", "q⊥ k⊥"][p]],
  );
  // A tap marks the pair that is under it, though nothing pointed there before.
  const canvas = page.locator("#pairs-planes canvas").first();
  const tap = (row, column) =>
    canvas.evaluate(
      (it, [row, column]) => {
        const { left, top, width } = it.getBoundingClientRect();
        const cell = width / it.width;
        const at = { clientX: left + (column + 0.5) * cell, clientY: top + (row + 0.5) * cell };
        it.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at }));
      },
      [row, column],
    );
  const before0 = await page.inputValue("#decompose-marks");
  await tap(q, k);
  const added = `, ${wanted.components[q]} ${wanted.components[k]}`;
  assert.equal(await page.inputValue("#decompose-marks"), before0 + added);
  await page.locator("#decompose-marks").fill("x ".repeat(249).trim());
  await tap(q, k);
  assert.match(await page.innerText("#pairs-marked"), /^There is no room for another mark/);
  assert.equal((await page.inputValue("#decompose-marks")).length, 497);
  await page.locator("#decompose-marks").fill("");

  // Every plane has its components' names beside it, in the record's order.
  const names = (side) =>
    page
      .locator(`#pairs-planes .axis.${side}`)
      .evaluateAll((axes) =>
        axes.map((axis) => [...axis.querySelectorAll("text")].map((it) => it.textContent)),
      );
  for (const side of ["top", "left"]) assert.deepEqual(await names(side), Array(4).fill(wanted.components));
  assert.ok(svg.text.includes(">MLP_0</text>"));
  // Zoomed, all planes show the same pairs, and the keyboard's pair comes into view.
  await page.locator("#decompose-zoom").fill("8");
  await page
    .locator("#pairs-planes .plane")
    .nth(2)
    .evaluate((plane) => plane.scrollTo(150, 90));
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#pairs-planes .plane")].every(
      ({ scrollLeft, scrollTop }) => scrollLeft === 150 && scrollTop === 90,
    ),
  );
  await page.locator("#pairs-planes canvas").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => {
    const [first, ...others] = document.querySelectorAll("#pairs-planes .plane");
    return first.scrollLeft > 150 && others.every(({ scrollLeft }) => scrollLeft === first.scrollLeft);
  });
  await page.locator("#decompose-zoom").fill("1");

  // A cell is as strong as its value, and faint below the threshold.
  const alpha = () =>
    page.evaluate(() => {
      const canvas = document.querySelector("#pairs-planes canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return [...data.filter((_, i) => i % 4 === 3)];
    });
  const most = Math.max(...wanted.values.flat(2).map(Math.abs));
  await page.locator("#decompose-threshold").fill("0");
  (await alpha()).forEach((strength, i) => {
    const figure = wanted.values[0].flat()[i];
    assertNear(strength, (Math.abs(figure) / most) * 255, 1, `cell ${i}`);
  });
  const before = await alpha();
  await page.locator("#decompose-threshold").fill("50");
  (await alpha()).forEach((strength, i) => {
    assertNear(strength, before[i] < 127 ? before[i] * 0.2 : before[i], 1, `cell ${i}`);
  });
});

test("a link that is opened on an open page is followed by the panel", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  await page.selectOption("#decompose-by", "queries");
  await page.click("#share");
  await page.waitForFunction(() => location.hash.includes("decompose_by=queries"));
  const link = new URL(page.url()).hash;
  await page.selectOption("#decompose-by", "keys");
  await decomposed(page);
  await assertFixture(page, { decompose_by: "keys", subtract_S1: true });
  await page.evaluate((hash) => {
    history.replaceState(null, "", "#");
    location.hash = hash;
  }, link);
  await page.waitForFunction(() => /^by queries/.test(document.querySelector("#decompose-what").textContent));
  await decomposed(page);
  await assertFixture(page, { decompose_by: "queries", subtract_S1: true });
});

test("the share link has the panel's settings", async () => {
  const { page } = await tinyRun();
  await page.selectOption("#decompose-by", "both");
  await page.selectOption("#decompose-span", "io_forms");
  await page.locator("#decompose-threshold").fill("30");
  await page.click("#share");
  await page.waitForFunction(() => location.hash.includes("decompose_span=io_forms"));
  const other = await stage.open({ hash: new URL(page.url()).hash });
  const panel = (of) =>
    of.evaluate(() =>
      [...document.querySelectorAll("#decompose :is(input, select)")].map(({ id, value }) => [id, value]),
    );
  assert.deepEqual(await panel(other), await panel(page));
  assert.equal(await other.inputValue("#decompose-threshold"), "30");
  const refused = await stage.open({
    hash: new URL(page.url()).hash.replace("threshold=30", "threshold=300"),
  });
  assert.match(
    await refused.textContent("#message"),
    /decompose_threshold: expected a whole number from 0 to 100/,
  );
});

for (const [side, experiment] of [
  ["queries", "query_replacements"],
  ["keys", "key_replacements"],
]) {
  test(`replacements of what ${side} are computed from: the fixture's means, as histograms`, async () => {
    const { page, result } = await tinyRun();
    await decomposed(page);
    const { name_mover, [experiment]: wanted } = FIGURES.replacements;
    await page.selectOption("#replace-side", side);
    await page.fill("#replace-name-mover", name_mover.join("."));
    await page.click("#replace-run");
    await page.waitForSelector("#replace-table tbody tr", { state: "attached" });
    const means = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("#replace-table tbody tr")].map((row) =>
          [...row.cells].map((cell) => cell.textContent),
        ),
      );
    for (const measure of ["io_probability", "io_score", "diff"]) {
      await page.selectOption("#replace-values", measure);
      const { clean } = wanted;
      const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      await page.waitForFunction(
        (text) => document.querySelector("#replace-table td").textContent === text,
        mean(clean[measure]).toFixed(4),
      );
      const rows = await means();
      assert.deepEqual(rows.map(([name]) => name).sort(), Object.keys(wanted).sort());
      for (const [name, shown, interval] of rows) {
        const figure = mean(wanted[name][measure]);
        assertNear(Number(shown), figure, 1e-3, `${name} ${measure}`);
        const [low, high] = JSON.parse(interval);
        assert.ok(low <= figure + 1e-3 && figure <= high + 1e-3, `${name}: ${interval}`);
      }
    }
    const outlines = page.locator("#replace-plot [data-mark=line]");
    assert.equal(await outlines.count(), Object.keys(wanted).length);
    await page.selectOption("#replace-layout", "multiples");
    await page.waitForFunction(() => document.querySelector("#replace-plot [data-mark=rect]"));
    const file = (kind) => saved(page, page.locator("#replace-files button", { hasText: kind }));
    await assertStandsAlone(page, (await file("SVG")).text);
    assert.ok((await pixels(page, (await file("PNG")).bytes)).coloured > 1000);
    const [header, ...lines] = (await file("CSV")).text.trimEnd().split("\n");
    assert.equal(header, "condition,prompt,io_score,diff,io_probability");
    assert.equal(lines.length, 20 * Object.keys(wanted).length);
    const json = JSON.parse((await file("JSON")).text);
    assert.equal(json.spec.experiment, experiment);
    assert.equal(json.origin.sha256, result.origin.sha256);
    assert.deepEqual(Object.keys(json.conditions).sort(), Object.keys(wanted).sort());
    // The run is as it was.
    assert.deepEqual((await page.evaluate(() => window.patchbay)).result, result);
  });
}

test("what is of another run, or of another token, says so until it is back", async () => {
  const { page } = await tinyRun();
  await page.click("#replace-run");
  await page.waitForSelector("#replace-view:not([hidden])");
  await page.waitForFunction(() => document.documentElement.dataset.state === "done");
  await page.click("#explore-run");
  await page.waitForSelector("#explore-view:not([hidden])");
  const stale = async () => [await page.isVisible("#replace-stale"), await page.isVisible("#explore-stale")];
  assert.deepEqual(await stale(), [false, false]);
  await page.selectOption("#replace-side", "keys");
  await page.fill("#explore-token", " John");
  assert.deepEqual(await stale(), [true, true]);
  // Another token is looked up without measuring the head again.
  const means = () => page.textContent("#explore-resemblance");
  const before = await means();
  await page.click("#explore-run");
  await page.waitForFunction(() => /John/.test(document.querySelector("#explore-token-title").textContent));
  assert.equal(await means(), before);
  assert.deepEqual(await stale(), [true, false]);
  await page.selectOption("#replace-side", "queries");
  assert.deepEqual(await stale(), [false, false]);
  await fill(page, { head: "0" });
  await runWell(page);
  assert.deepEqual(await stale(), [true, true]);
  await page.click('#runs [data-number="1"] [data-does=show]');
  await page.waitForFunction(() => document.querySelector("#replace-stale").hidden);
  assert.deepEqual(await stale(), [false, false]);
});

test("files of replacements say what LayerNorm was there, not what it was in the run", async () => {
  const { page, result } = await tinyRun({ fields: { freeze_ln: false } });
  assert.equal(result.spec.freeze_ln, false);
  await page.click("#replace-run");
  await page.waitForSelector("#replace-view:not([hidden])");
  const { text } = await saved(page, page.locator("#replace-files button", { hasText: "SVG" }));
  assert.match(text, /LayerNorm scale frozen/);
  assert.doesNotMatch(text, /LayerNorm scale live|flip /);
});

test("without a name mover below the head, what takes one is left out; another is refused, by name", async () => {
  const { page } = await tinyRun();
  await page.click("#replace-run");
  await page.waitForSelector("#replace-view:not([hidden])");
  assert.match(
    await page.innerText("#replace-what"),
    /^queries replaced · left out “name mover”, .*“name mover, without names”, since no name mover is below 2\.1: name one$/,
  );
  assert.equal(await page.locator("#replace-plot [data-mark=line]").count(), 5);
  assert.equal(await page.isVisible("#replace-stale"), false);
  await page.fill("#replace-name-mover", "nine");
  // What is shown is no longer what is asked for.
  assert.ok(await page.isVisible("#replace-stale"));
  await page.click("#replace-run");
  assert.match(await page.innerText("#replace-status"), /^Name mover: expected/);
  await page.fill("#replace-name-mover", "9.9");
  await page.click("#replace-run");
  const { end, message } = await outcome(page);
  assert.equal(end, "error");
  assert.match(message, /name mover must be a head below layer 2/);
  // Also where the button is.
  assert.match(
    await page.innerText("#replace-status"),
    /name mover must be a head below layer 2, of heads 0 to 3; 9.9 is not/,
  );
});

test("a token's neighbours, and how much IO's embedding is what the key reads: the fixture's", async () => {
  const { page } = await tinyRun();
  await decomposed(page);
  const lexicon = JSON.parse(readFileSync(join(TINY, "../../../crate/src/ioi/lexicon.json"), "utf8"));
  await page.fill("#explore-token", ` ${lexicon.names[0]}`);
  await page.click("#explore-run");
  await page.waitForSelector("#explore-view:not([hidden])");
  const files = (id) => (kind) => saved(page, page.locator(`#explore-${id}-files button`, { hasText: kind }));
  const [near, like] = [files("nearest"), files("resemblance")];
  const json = {
    ...JSON.parse((await near("JSON")).text),
    ...JSON.parse((await like("JSON")).text),
  };
  assert.equal((await near("CSV")).text.trimEnd().split("\n").length, 1 + 4 * 10);
  assert.equal((await like("CSV")).text.trimEnd().split("\n").length, 1 + 3 * 20);
  for (const file of [near, like]) {
    await assertStandsAlone(page, (await file("SVG")).text);
    assert.ok((await pixels(page, (await file("PNG")).bytes)).coloured > 1000);
  }
  // A bar a neighbour, as long as its cosine is large.
  const bars = await page
    .locator("#explore-nearest-plot [data-mark=bar] rect")
    .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("width"))));
  const drawn = json.nearest.spaces.flatMap(({ tokens }) => tokens.map(({ cosine }) => Math.abs(cosine)));
  assert.equal(bars.length, drawn.length);
  bars.forEach((bar, i) => {
    assertNear(bar / bars[0], drawn[i] / drawn[0], 1e-3, `bar ${i}`);
  });
  assert.equal(json.nearest.token, ALL.nearest.token);
  for (const { space, tokens } of json.nearest.spaces) {
    const wanted = ALL.nearest[space];
    wanted.tokens.forEach((token, i) => {
      assert.equal(tokens[i].token, token, `${space} ${i}`);
      assertNear(tokens[i].cosine, wanted.cosines[i], 1e-4, `${space} ${i}`);
    });
  }
  const first = await page.textContent("#explore-nearest tbody tr");
  assert.match(first, /^1".*" 1\.000/);
  const shown = await page.textContent("#explore-resemblance");
  for (const { embedding, input, key } of json.resemblance.forms) {
    const wanted = FIGURES.resemblance[embedding];
    for (const [name, values] of Object.entries({ input, key })) {
      values.forEach((value, i) => {
        assertNear(value, wanted[name][i], 1e-4, `${embedding} ${name} ${i}`);
      });
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(shown.includes(mean.toFixed(3)), `${embedding} ${name}`);
    }
  }
  await page.fill("#explore-token", "no single token");
  await page.click("#explore-run");
  assert.equal((await outcome(page)).end, "error");
});

test("a long decomposition can be cancelled, and the run stays", async () => {
  const worker = slowSteps("decompose", 60);
  // More prompts than are decomposed unasked.
  const { page, result } = await tinyRun({ worker, fields: { n: "302" } });
  assert.equal(await page.isVisible("#decompose-view"), false);
  await page.click("#decompose-run");
  await state(page, "running");
  assert.ok(await page.isVisible("#progress"));
  await cancel(page);
  assert.equal(await page.innerText("#decompose-status"), "It was not taken apart.");
  assert.deepEqual((await page.evaluate(() => window.patchbay)).result, result);
  await page.click("#decompose-run");
  await decomposed(page);
  assert.equal((await outcome(page)).end, "done");
});

for (const colorScheme of ["light", "dark"]) {
  test(`heat maps and their numbers as files (${colorScheme})`, async () => {
    const { page, result } = await tinyRun({ colorScheme });
    await page.selectOption("#decompose-key", "project_to_MLP0");
    await decomposed(page);
    await page.waitForFunction(() => document.querySelectorAll("#decompose-maps figure").length === 2);
    const file = (kind) => saved(page, page.locator("#decompose-files button", { hasText: kind }));
    const svg = await file("SVG");
    assert.equal(svg.name, "patchbay-2.1-by-keys-n20-seed42.svg");
    const size = await assertStandsAlone(page, svg.text);
    const cells = await shapesIn(page, svg.text, "rect[aria-label]");
    assert.equal(cells.length, 30);
    assert.equal(cells.filter((it) => Number(it["fill-opacity"]) === 1).length, 1);
    const { width, height, corner, coloured } = await pixels(page, (await file("PNG")).bytes);
    assert.deepEqual([width, height], [size[0] * 2, size[1] * 2]);
    assert.deepEqual(corner, [255, 255, 255, 255]);
    assert.ok(coloured > 1000);
    const [header, ...lines] = (await file("CSV")).text.trimEnd().split("\n");
    assert.equal(header, "part,component,contribution");
    assert.equal(lines.length, 30);
    const json = JSON.parse((await file("JSON")).text);
    assert.equal(json.origin.sha256, result.origin.sha256);
    assert.equal(json.spec.intervene_on_key, "project_to_MLP0");
    const sum = json.parts.flatMap(({ values }) => values).reduce((all, value) => all + value, 0);
    assertNear(sum + json.accounting.normalization, json.accounting.measured, 1e-4, "sum");
  });
}

test("390 pixels are wide enough", async () => {
  const { page } = await tinyRun({ viewport: { width: 390, height: 800 } });
  await decomposed(page);
  await page.locator("#decompose details:has(#decompose-table) summary").click();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
