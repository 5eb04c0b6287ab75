// Every figure of every question as files: the picture stands alone in a paper, the numbers say what they are of. How figures
// are drawn and walked is held by the tests in www/charts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { answerHub } from "./faults.mjs";
import { assertNear, DIST, fill, outcome, quiet, runWell, show, swept, TINY, TOY_HEAD } from "./helpers.mjs";
import { deepModel } from "./models.mjs";
import { assertStandsAlone, filesOfFigures, keepFiles, openedAlone, pixels } from "./saved.mjs";
import { openStage } from "./stage.mjs";

const VERSION = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
/** As files are named after its head. */
const TOY_FILE = TOY_HEAD.replace(/^(\d+)\.(\d+)$/, "L$1H$2");
const TOY_CELL = TOY_HEAD.replace(".", "-");
const { model } = JSON.parse(readFileSync(join(DIST, "models/ioi-mini/tokenizer.json"), "utf8"));
const MARY = model.vocab.ĠMary;
/** Beside each other, the boxes of texts may touch: they are a little larger than their letters. */
const TOUCH = 2;
/** The frame goes to the crate as JSON, which is read there to the last digit but one. */
const LAST_DIGIT = 1e-15;

const stage = openStage();
/** For files that are opened by themselves. */
let tab;
before(async () => {
  tab = await (await stage.newContext()).newPage();
});

/** A page that runs its own model, and keeps what it saves. */
async function opened({ url, ...options } = {}) {
  const context = await stage.newContext(options);
  await keepFiles(context);
  return stage.open({ hash: "", url, context });
}

/** Of each figure in view, its files, which have been looked at. */
async function files(page, of) {
  await quiet(page);
  const figures = await filesOfFigures(page);
  const stems = figures.map((files) => stemOf(files));
  assert.equal(new Set(stems).size, figures.length, `two figures' files have one name: ${stems}`);
  for (const files of figures) {
    assertNumbers(files, of);
    await assertPicture(page, files, of);
  }
  return Object.fromEntries(figures.map((files, i) => [stems[i], files]));
}

/** The name that all files of a figure have. */
function stemOf(files) {
  const stems = new Set(
    Object.entries(files).map(([kind, { name }]) => {
      assert.ok(name.endsWith(`.${kind.toLowerCase()}`), name);
      return name.replace(/\.\w+$/, "");
    }),
  );
  assert.deepEqual([Object.keys(files), stems.size], [["SVG", "PNG", "CSV", "JSON"], 1]);
  const [stem] = stems;
  assert.match(stem, /^patchbay-[\w.-]+$/);
  return stem;
}

async function assertPicture(page, { SVG, PNG, JSON: json }, { model, task }) {
  assertStandsAlone(SVG.text);
  const { name, width, height, title, texts } = await openedAlone(tab, SVG);
  assert.equal(name, "svg", SVG.name);
  const { title: own, about } = JSON.parse(json.text);
  assert.equal(title.replace(/\s+/g, " "), `${own} · ${model} · ${about}`.replace(/\s+/g, " "));
  assert.match(title, task);
  // The same is to be read in the picture, in lines.
  const words = texts.map(({ text }) => text).join(" ");
  assert.ok(words.startsWith(title.replace(" · ", " ").replace(/\s+/g, " ")), words.slice(0, 300));
  for (const { text, left, top, right, bottom } of texts)
    assert.ok(left >= 0 && top >= 0 && right <= width && bottom <= height, `${SVG.name}: “${text}” is cut`);
  for (const [i, one] of texts.entries())
    for (const other of texts.slice(i + 1)) {
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      const over = wide > TOUCH && high > TOUCH;
      assert.ok(!over, `${SVG.name}: “${one.text}” and “${other.text}” lie over each other`);
    }
  const image = await pixels(page, PNG.bytes);
  assert.deepEqual([image.width, image.height], [2 * width, 2 * height], PNG.name);
  assert.deepEqual(image.corner, [255, 255, 255, 255]);
  assert.ok(image.dark > 500 && image.coloured > 100, `${PNG.name}: ${JSON.stringify(image)}`);
}

/** CSV and JSON have the same numbers, and JSON says of what they are. */
function assertNumbers({ CSV, JSON: json }, { weights, n }) {
  const { patchbay, date, about, asked, spec, model, prompts, axes, columns } = JSON.parse(json.text);
  assert.equal(patchbay, VERSION);
  assert.ok(Math.abs(Date.now() - Date.parse(date)) < 3_600_000, date);
  assert.ok(about.length > 0 && typeof asked.analysis === "string");
  assert.match(model.sha256, weights);
  const dataset = spec?.dataset ?? (spec?.grid ?? spec)?.task?.dataset;
  if (dataset) {
    assert.equal(dataset.seed, 42);
    assert.deepEqual(
      prompts.map(({ prompt }) => prompt),
      Array.from({ length: n }, (_, i) => i + 1),
    );
    // An answer of any task is a quoted token.
    assert.ok(prompts.every(({ sentence, io, answers }) => sentence.includes(io ?? answers.slice(1, -1))));
  }
  for (const { name, labels } of axes)
    if (name === "prompt") assert.deepEqual([labels[0], labels.at(-1)], ["1", String(n)], json.name);
  for (const { name } of columns)
    if (name.endsWith("_low"))
      assert.ok(
        columns.some((other) => other.name === name.replace(/low$/, "high")),
        name,
      );
  const [header, ...rows] = CSV.text.trimEnd().split("\n").map(cells);
  assert.deepEqual(
    header,
    [...axes, ...columns].map(({ name }) => name),
  );
  assert.equal(
    rows.length,
    axes.reduce((product, { labels }) => product * labels.length, 1),
  );
  rows.forEach((row, at) => {
    let rest = at;
    for (const [i, { labels }] of [...axes.entries()].reverse()) {
      // An apostrophe says to spreadsheets that it is text.
      assert.equal(row[i].replace(/^'/, ""), labels[rest % labels.length], CSV.name);
      rest = Math.floor(rest / labels.length);
    }
    columns.forEach(({ values }, i) => {
      const text = row[axes.length + i];
      if (values[at] === null) assert.equal(text, "", CSV.name);
      else assertNear(Number(text), values[at], Math.abs(values[at]) * LAST_DIGIT, CSV.name);
    });
  });
}

/** Of a line of CSV; a quote inside quotes is doubled. */
const cells = (line) =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );

const MINI = {
  model: "ioi-mini (the toy model of this page)",
  task: new RegExp(`(head ${TOY_HEAD}|all heads, patching positions) .*IOI, 150 prompts, seed 42`),
  weights: /^[0-9a-f]{64}$/,
  n: 150,
};

/** What its files are named after the model. */
const named = (files, model) => Object.keys(files).map((stem) => stem.replace(`patchbay-${model}-`, ""));
const svgs = (files) => Object.values(files).map(({ SVG }) => SVG.text);
const heads = (page) => page.getByRole("region", { name: "All heads" });

test("Place or name?: without marks of what is chosen, with captions where they are asked for", async () => {
  const page = await opened({ colorScheme: "dark" });
  await outcome(page);
  await swept(page);
  const plain = await files(page, MINI);
  assert.deepEqual(named(plain, "ioi-mini"), [
    ...["means", "effects", "prompts", "spread"].map((figure) => `place-${figure}-${TOY_FILE}-n150-seed42`),
    ...["clean", "changes"].map((figure) => `all-heads-${figure}-heads-patching_positions-n150-seed42`),
  ]);

  const scatter = page.getByRole("figure", { name: /^Prompt by prompt/ });
  await scatter.scrollIntoViewIfNeeded();
  await scatter.getByRole("grid").focus();
  for (const key of ["ArrowRight", "Enter", "ArrowRight"]) await page.keyboard.press(key);
  await page.locator("main .ring.chosen").first().waitFor();
  assert.deepEqual(svgs(await files(page, MINI)), svgs(plain));

  for (const box of await page.getByRole("checkbox", { name: "with caption" }).all()) await box.check();
  const captioned = await files(page, MINI);
  for (const [stem, { SVG, JSON: json }] of Object.entries(captioned)) {
    const words = (text) => text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    const { caption } = JSON.parse(json.text);
    assert.ok(words(SVG.text).includes(caption.slice(0, 60).trim()), stem);
    assert.ok(!words(plain[stem].SVG.text).includes(caption.slice(0, 60).trim()), stem);
  }

  // Of one prompt there are no intervals, and nothing to be spread.
  await fill(page, { n: "1", symmetric: false });
  await runWell(page);
  await swept(page);
  await files(page, {
    ...MINI,
    task: new RegExp(`(head ${TOY_HEAD}|all heads).* IOI, 1 prompt, seed 42`),
    n: 1,
  });
});

test("What does it attend to?: on a prompt, as one query's strips, in each condition, and in any text", async () => {
  const page = await opened();
  await outcome(page);
  await show(page, "What does it attend to?");
  await page.getByRole("region", { name: `Head ${TOY_HEAD}`, exact: true }).waitFor();
  const all = `(head ${TOY_HEAD} .*prompt 1|every head .*prompt 1|16 heads .*150 prompts).*`;
  const of = { ...MINI, task: new RegExp(`${all}seed 42`) };
  const triangle = await files(page, of);
  const others = ["patterns-heads-ioi-seed42-prompt1", "heads-n150-seed42"];
  assert.deepEqual(named(triangle, "ioi-mini"), [`attention-${TOY_FILE}-ioi-seed42-prompt1`, ...others]);
  await page.getByRole("combobox", { name: /^as\b/ }).selectOption("strips");
  assert.notDeepEqual(svgs(await files(page, of)), svgs(triangle));

  await fill(page, { attention_of: "conditions" });
  await runWell(page);
  const task = new RegExp(
    `head ${TOY_HEAD} · IOI, 150 prompts, seed 42, .* · prompt 1|every head · prompt 1|16 heads · IOI`,
  );
  const conditions = await files(page, { ...MINI, task });
  assert.deepEqual(named(conditions, "ioi-mini"), [`attention-${TOY_FILE}-n150-seed42-prompt1`, ...others]);

  await fill(page, { attention_of: "text", attention_text: `<b>&"It's" =1+1` });
  await page.getByRole("heading", { level: 2, name: new RegExp(`^At “1”.* head ${TOY_HEAD} `) }).waitFor();
  await page.getByRole("heading", { level: 2, name: /^At “1”.* heads attend / }).waitFor();
  const [{ SVG }] = Object.values(
    await files(page, { ...MINI, task: new RegExp(`head ${TOY_HEAD} · |every head · |16 heads · `) }),
  );
  assert.match(SVG.text, />&lt;<.*>&amp;<.*>"</);
});

test("Who writes the answer?: its parts, the lens, and heads by their effects", async () => {
  const page = await opened();
  await outcome(page);
  await show(page, "Who writes the answer?");
  await page.getByRole("figure", { name: /^Direct against total effect/ }).waitFor();
  const of = { ...MINI, task: /IOI, 150 prompts, seed 42/ };
  assert.deepEqual(
    named(await files(page, of), "ioi-mini"),
    [
      ...["largest", "components", "layers"].map((figure) => `writes-${figure}`),
      ...["lens", "lens-roles", "effects", "effects-differences", "effects-heads"],
    ].map((figure) => `${figure}-n150-seed42`),
  );
});

test("What matters?: the map, the largest, and the open cell's prompts", async () => {
  const page = await opened();
  await outcome(page);
  await show(page, "What matters?");
  await page.getByRole("figure", { name: new RegExp(`^Head ${TOY_HEAD}, prompt by prompt`) }).waitFor();
  await quiet(page);
  const of = { ...MINI, task: /IOI, 150 prompts, seed 42/ };
  const found = await files(page, of);
  assert.deepEqual(
    named(found, "ioi-mini"),
    ["map", "largest", `cell-${TOY_CELL}`].map((it) => `matters-${it}-z-denoise-layer-head-n150-seed42`),
  );
});

test("Which circuit?: paths, what a circuit keeps, what its nodes add, and its drawing", async () => {
  const page = await opened();
  await outcome(page);
  await show(page, "Which circuit?");
  await page.getByRole("figure", { name: /^Lost where what one head sends/ }).waitFor();
  const of = { ...MINI, task: /IOI, 150 prompts, seed 42/ };
  assert.deepEqual(
    named(await files(page, of), "ioi-mini"),
    ["map", "largest"].map((figure) => `paths-${figure}-logits-n150-seed42`),
  );
  await fill(page, { circuit_step: "circuit", circuit_keep: `${TOY_HEAD}@END, 0.2@S2+END, 0.1@all` });
  await runWell(page);
  await page.getByRole("figure", { name: "The circuit", exact: true }).waitFor();
  assert.deepEqual(
    named(await files(page, of), "ioi-mini"),
    [...["circuit-runs", "examine-minimality", "examine-both"], ...["edges-drawing", "edges-largest"]].map(
      (figure) => `${figure}-n150-seed42`,
    ),
  );
});

test("Why does it attend?: by one side, by both, and what else is asked", async () => {
  const page = await opened();
  await outcome(page);
  await show(page, "Why does it attend?");
  await page.locator("main figure").first().waitFor();
  const by = async (side) => {
    await fill(page, { decompose_by: side });
    await runWell(page);
    return named(await files(page, MINI), "ioi-mini");
  };
  assert.deepEqual(
    await by("queries"),
    ["largest", "layers", "components"].map((it) => `why-${it}-${TOY_FILE}-n150-seed42`),
  );
  assert.deepEqual(
    await by("both"),
    ["largest", "layers", "pairs"].map((it) => `why-${it}-${TOY_FILE}-n150-seed42`),
  );
  for (const more of await page.locator("details.more").all()) {
    // Figures that come in above may move it from under a press.
    await more.evaluate((it) => {
      it.open = true;
    });
    await more.getByRole("button", { name: "Ask" }).click();
    await more.locator("figure").first().waitFor();
  }
  const further = { ...MINI, task: new RegExp(`head ${TOY_HEAD} .*IOI, 150 prompts, seed 42|token " Mary"`) };
  assert.deepEqual(named(await files(page, further), "ioi-mini").slice(3), [
    ...["means", "spread"].map((it) => `replacements-${it}-${TOY_FILE}-query_replacements-n150-seed42`),
    ...["means", "prompts"].map((it) => `linear-${it}-${TOY_FILE}-n150-seed42`),
    ...["W_E", "W_EE", "W_EE-only-MLPs", "W_U"].map((it) => `nearest-${it}-token${MARY}`),
    ...["means", "prompts"].map((it) => `resemblance-${it}-${TOY_FILE}-n150-seed42`),
  ]);
});

test("with more layers and heads than GPT-2 small", async () => {
  const deep = deepModel(TINY, 16);
  const page = await opened({ url: await stage.siteKnowing(deep) });
  await answerHub(page.context(), deep);
  await outcome(page);
  await fill(page, { model: "openai-community/gpt2", device: "cpu", n: "20" });
  await runWell(page);
  await heads(page).getByRole("button", { name: "Ask all 192 heads" }).click();
  await heads(page).locator("figure").first().waitFor();
  await swept(page);
  const of = {
    ...MINI,
    model: "GPT-2 small (openai-community/gpt2)",
    task: /(head 10\.7|all heads).*IOI, 20 prompts, seed 42/,
    n: 20,
  };
  const { length } = named(await files(page, of), "GPT-2-small");
  assert.equal(length, 6);
  await show(page, "Why does it attend?");
  for (const side of ["keys", "both"]) {
    await fill(page, { decompose_by: side });
    await runWell(page);
    assert.equal(named(await files(page, of), "GPT-2-small").length, 3);
  }
});
