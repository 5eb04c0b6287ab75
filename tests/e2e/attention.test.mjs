// One prompt's attention: the fixture's numbers, what is pointed at and kept, and which prompt it is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { wrapPlan } from "./faults.mjs";
import { assertFigures, assertNear, EXPECTED, fill, openStage, runWell, TINY_FORM } from "./helpers.mjs";
import { assertStandsAlone, pixels, saved, shapesIn } from "./saved.mjs";

const [LAYER, HEAD] = EXPECTED.head;
const END = EXPECTED.activations.position;
const IO = EXPECTED.dataset.word_idx.IO[0];

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

async function tinyRun(options = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  return { page, result: await runWell(page) };
}

async function looked(options) {
  const it = await tinyRun(options);
  await it.page.waitForSelector("#attention-view:not([hidden], .stale)");
  return it;
}

/** The table's columns as numbers, by their names. */
const tableOf = (page) =>
  page.evaluate(() => {
    const table = document.querySelector("#attention-table");
    const [, , ...columns] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    return Object.fromEntries(
      columns.map((column, i) => [column, rows.map((row) => Number(row.cells[i + 2].textContent))]),
    );
  });

const title = (page) => page.innerText("#query-title");
const query = (page, at) => page.locator(`#queries button[aria-label^="query ${at},"]`);
const END_TITLE = new RegExp(`\\(END\\), position ${END}$`);

function assertRow(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  expected.forEach((figure, key) => {
    assertNear(found[key], figure, 1e-3, `${what} at ${key}`);
  });
}

const softmax = (scores) => {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
};

test("END's scores and pattern are the fixture's, and the run's in each condition", async () => {
  const { page, result } = await looked();
  assertFigures(result);
  assert.match(await title(page), END_TITLE);
  const { attn_scores, pattern } = EXPECTED.activations.values;
  const scores = await tableOf(page);
  assert.deepEqual(Object.keys(scores), Object.keys(result.conditions));
  assertRow(scores.clean, attn_scores[LAYER][HEAD], "scores");
  for (const [name, { io_score, s1_score }] of Object.entries(result.conditions)) {
    assertNear(scores[name][IO], io_score[0], 1e-3, `${name} IO`);
    assertNear(scores[name][EXPECTED.dataset.word_idx.S1[0]], s1_score[0], 1e-3, `${name} S1`);
  }
  await page.getByLabel("Pattern", { exact: true }).check();
  const patterns = await tableOf(page);
  assertRow(patterns.clean, pattern[LAYER][HEAD], "pattern");
  for (const [name, row] of Object.entries(patterns)) assertRow(row, softmax(scores[name]), name);
});

test("the strips show the table's figures, and name the roles", async () => {
  const { page } = await looked();
  const table = await tableOf(page);
  const labels = await page
    .locator("#strips [role=gridcell]")
    .evaluateAll((cells) => cells.map((it) => it.getAttribute("aria-label")));
  assert.equal(labels.length, 3 * (END + 1));
  for (const label of labels) {
    const [, key, condition, text] = /^key (\d+), .*, (\w+) (-?[\d.]+)$/s.exec(label);
    assertNear(Number(text), table[condition][key], 0.0051, label);
  }
  const roles = await page
    .locator("#queries .token-role")
    .evaluateAll((all) => all.map((it) => it.dataset.role));
  assert.deepEqual(roles.filter(Boolean), ["IO", "S1", "S2", "END"]);
  assert.equal(roles[IO], "IO");
  await page.locator('#strips [aria-label^="key 5,"]').first().hover();
  assert.match(
    await page.innerText("#attention-readout"),
    /\(END\) → .*\(S1\): clean 3\.35 · patched 3\.51 · projected 0\.30$/,
  );
});

test("a token that is pointed at shows its row, a click keeps it, Esc lets go", async () => {
  const { page } = await looked();
  await query(page, 5).hover();
  assert.match(await title(page), /\(S1\), position 5$/);
  assert.equal((await tableOf(page)).clean.length, 6);
  // What stands behind the query is not seen.
  assert.equal(await page.locator("#strips [role=row]").first().locator(".unseen").count(), END - 5);
  await page.hover("#attention-title");
  assert.match(await title(page), END_TITLE);

  await query(page, 5).click();
  await query(page, 9).hover();
  assert.match(await title(page), /position 5, kept$/);
  assert.equal(await query(page, 5).getAttribute("aria-pressed"), "true");
  await page.hover("#attention-title");
  assert.match(await title(page), /position 5, kept$/);
  await page.keyboard.press("Escape");
  assert.match(await title(page), END_TITLE);
});

test("the keyboard does the same", async () => {
  const { page } = await looked();
  await page.locator("#queries").locator('[tabindex="0"]').focus();
  await page.keyboard.press("ArrowLeft");
  assert.match(await title(page), new RegExp(`position ${END - 1}$`));
  await page.keyboard.press("Home");
  assert.match(await title(page), /position 0$/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight");
  assert.match(await title(page), /position 0, kept$/);
  await page.keyboard.press("Escape");
  assert.match(await title(page), END_TITLE);

  // On to the strips: one stop, at IO.
  await page.keyboard.press("Tab");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(await focused(), new RegExp(`^key ${IO}, .*\\(IO\\), clean 5\\.87$`));
  await page.keyboard.press("ArrowDown");
  assert.match(await focused(), new RegExp(`^key ${IO}, .*, patched 5\\.27$`));
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(), new RegExp(`^key ${IO + 1}, .*, patched `));
});

test("prompts are chosen by buttons and by number", async () => {
  const { page, result } = await looked();
  const { io_score } = result.conditions.patched;
  const shows = async (prompt) => {
    await page.waitForFunction(
      ([io, wanted]) => {
        const row = document.querySelector("#attention-table").tBodies[0].rows[io];
        return Math.abs(Number(row.cells[3].textContent) - wanted) < 1e-3;
      },
      [EXPECTED.dataset.word_idx.IO[prompt], io_score[prompt]],
    );
    assert.equal(await page.inputValue("#prompt-number"), String(prompt + 1));
  };
  await shows(0);
  assert.equal(await page.getAttribute("#prompt-before", "aria-disabled"), "true");
  await page.click("#prompt-after");
  await shows(1);
  await page.fill("#prompt-number", "999");
  await page.press("#prompt-number", "Enter");
  await shows(19);
  assert.equal(await page.getAttribute("#prompt-after", "aria-disabled"), "true");
  await page.click("#prompt-before");
  await shows(18);
  // A run with fewer prompts has none of that number: its first is shown.
  await fill(page, { n: "10" });
  await runWell(page);
  await page.waitForFunction(() => document.querySelector("#prompt-number").value === "1");
  await page.waitForSelector("#attention-view:not(.stale)");
});

/** The page takes the model for one of twelve layers. */
const TWELVE = `{
  const post = self.postMessage;
  self.postMessage = (message, ...rest) => {
    const model = message?.value?.value?.model;
    if (model?.n_layer) model.n_layer = 12;
    return post.call(self, message, ...rest);
  };
}`;

test("a large model is looked at when that is asked for", async () => {
  const { page } = await tinyRun({ worker: TWELVE });
  assert.ok(await page.isVisible("#show-attention"));
  assert.equal(await page.isVisible("#attention-view"), false);
  // Not with the pointer: a token that comes to be under it is looked at.
  await page.locator("#show-attention").press("Enter");
  await page.waitForSelector("#attention-view:not([hidden], .stale)");
  assertRow((await tableOf(page)).clean, EXPECTED.activations.values.attn_scores[LAYER][HEAD], "scores");
  assert.equal(await page.isVisible("#show-attention"), false);
  assert.equal(await page.isVisible("#heads-view"), false, "it was swept unasked");
});

test("what went wrong is said in the panel", async () => {
  const fails = wrapPlan("attention", `() => () => { throw new Error("no <i>room</i>"); }`);
  const { page } = await tinyRun({ worker: fails });
  await page.waitForFunction(() =>
    document
      .querySelector("#attention-status")
      .textContent.includes("prompt 1 cannot be shown: no <i>room</i>"),
  );
  assert.equal(await page.isVisible("#attention-view"), false);
});

test("the colour scale is the shown query's", async () => {
  const { page } = await looked();
  const legend = () => page.innerText("#attention-legend");
  const most = async () => {
    const values = Object.values(await tableOf(page)).flat();
    return Math.max(...values.map(Math.abs)).toFixed(2);
  };
  assert.equal(await legend(), `-${await most()}\n${await most()}`);
  const ofEnd = await legend();
  await query(page, 3).click();
  assert.equal(await legend(), `-${await most()}\n${await most()}`);
  assert.notEqual(await legend(), ofEnd);
});

test("strips and their numbers as files", async () => {
  const { page, result } = await looked({ colorScheme: "dark" });
  const file = (kind) => saved(page, page.locator("#attention-files button", { hasText: kind }));
  await query(page, 5).click();
  const table = await tableOf(page);
  const svg = await file("SVG");
  assert.equal(svg.name, "patchbay-2.1-n20-seed42-attention-prompt1-scores-query5.svg");
  const size = await assertStandsAlone(page, svg.text);
  assert.match(svg.text, /Attention scores from .*\(S1\), position 5/);
  // A rectangle a token and condition: in the sign's colour, or dashed where the query does not see it.
  const cells = await shapesIn(page, svg.text, "g > rect[rx]");
  assert.equal(cells.length, 3 * (END + 1));
  Object.values(table).forEach((values, strip) => {
    const limit = Math.max(...Object.values(table).flat().map(Math.abs));
    for (let key = 0; key <= END; key += 1) {
      const cell = cells[strip * (END + 1) + key];
      const value = values[key];
      if (value === undefined) assert.equal(cell["stroke-dasharray"], "3 2");
      else {
        assertNear(Number(cell["fill-opacity"]), Math.abs(value) / limit, 2e-3, `${strip} ${key}`);
        if (value !== 0) assert.equal(cell.fill, value < 0 ? "#5b9bd0" : "#e5913a");
      }
    }
  });
  const png = await file("PNG");
  const { width, height, corner, dark, coloured } = await pixels(page, png.bytes);
  assert.deepEqual([width, height], [size[0] * 2, size[1] * 2]);
  assert.deepEqual(corner, [255, 255, 255, 255]);
  assert.ok(dark > 500 && coloured > 1000, `${dark} dark pixels, ${coloured} coloured`);

  const json = JSON.parse((await file("JSON")).text);
  assert.equal(json.model, result.model);
  assert.equal(json.prompt, 0);
  assertRow(json.conditions.clean.scores[END], EXPECTED.activations.values.attn_scores[LAYER][HEAD], "JSON");
  const lines = (await file("CSV")).text.trimEnd().split("\n");
  // Three conditions; each query sees the keys up to itself.
  assert.equal(lines.length, 1 + (3 * (END + 1) * (END + 2)) / 2);
  assert.equal(lines[0], "condition,query,key,query_token,key_token,score,pattern");
});

test("390 pixels are wide enough", async () => {
  const { page } = await looked({ viewport: { width: 390, height: 800 } });
  await page.locator("#attention summary").click();
  assert.ok(await page.isVisible("#attention-table"));
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
