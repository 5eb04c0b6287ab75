// The dataset panel: every prompt with its tokens and roles, filters, many prompts, choosing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { beginWorker, wrapExport } from "./faults.mjs";
import {
  assertFigures,
  DIST,
  EXPECTED,
  fill,
  openStage,
  outcome,
  runWell,
  state,
  TINY_FORM,
} from "./helpers.mjs";

const { sentences, io, s, templates, tokens, word_idx, flips } = EXPECTED.dataset;
const [flipped] = Object.values(flips);
const ROLES = { IO: "IO", S1: "S1", S2: "S2", END: "end" };

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const status = (page, wanted) =>
  page.waitForFunction((text) => document.querySelector("#dataset-status").textContent === text, wanted);

/** A page with the tiny model's result. */
async function ran(form = {}, options = {}) {
  const page = await stage.open(options);
  const all = { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...form };
  await fill(page, all);
  await runWell(page);
  await status(
    page,
    `${Number(all.n).toLocaleString("en-US")} of ${Number(all.n).toLocaleString("en-US")} prompts shown`,
  );
  return page;
}

const chosenRows = (page) =>
  page.locator("#dataset-list [aria-selected=true]").evaluateAll((rows) => rows.map((row) => row.id));

/** The detail's boxes: of the prompt, then of its flip. */
const boxes = (page) =>
  page.locator("#dataset-detail ol").evaluateAll((lists) =>
    lists.map((list) =>
      [...list.children].map((box) => ({
        role: box.querySelector(".box-role").textContent,
        text: box.querySelector(".box-text").textContent,
        place: Number(box.querySelector(".box-place").textContent),
        id: Number(box.querySelector(".box-id").textContent),
      })),
    ),
  );

test("tokens, ids, positions and roles are the reference's, of each prompt and its flip", async () => {
  const page = await ran();
  const list = page.locator("#dataset-list");
  await list.focus();
  for (let i = 0; i < sentences.length; i += 1) {
    assert.deepEqual(await chosenRows(page), [`prompt-${i}`]);
    assert.match(await page.innerText("#dataset-detail h3"), new RegExp(`^Prompt ${i + 1}$`));
    assert.ok((await page.innerText("#dataset-detail")).includes(`IO ${io[i]} · S ${s[i]}`));
    const [own, other] = await boxes(page);
    // The reference pads to the longest.
    assert.deepEqual(
      own.map(({ id }) => id),
      tokens[i].slice(0, own.length),
    );
    assert.deepEqual(
      own.map(({ place }) => place),
      own.map((_, place) => place),
    );
    for (const [role, key] of Object.entries(ROLES)) {
      const at = own.filter((box) => box.role === role).map(({ place }) => place);
      assert.deepEqual(at, [word_idx[key][i]], `${role} of prompt ${i}`);
    }
    const text = (line) =>
      line
        .slice(1)
        .map((box) => box.text)
        .join("");
    assert.equal(text(own), sentences[i].replaceAll(" ", "·"));
    assert.equal(text(other), flipped.sentences[i].replaceAll(" ", "·"));
    await page.keyboard.press("ArrowDown");
  }
});

test("rows show roles by label, line and title, and the flip beneath", async () => {
  const page = await ran();
  const row = page.locator("#prompt-0");
  assert.match(
    await row.getAttribute("aria-label"),
    /^Prompt 1, ABBA \d+: Then, Alex.*IO Alex, S Anthony\.$/,
  );
  assert.deepEqual(await row.locator(".role small").allTextContents(), ["IO", "S1", "S2", "END"]);
  const lines = await row
    .locator(".role")
    .evaluateAll((roles) => roles.map((it) => getComputedStyle(it).borderBottomStyle));
  assert.equal(new Set(lines).size, 4, `lines ${lines}`);
  const title = `S2, position ${word_idx.S2[0]}, id ${tokens[0][word_idx.S2[0]]}`;
  assert.equal(await row.locator(".s2").getAttribute("title"), title);
  const beneath = await row.locator(".flipped .prompt-token").allTextContents();
  assert.equal(beneath.slice(1).join(""), flipped.sentences[0]);
  assert.equal((await row.locator(".flipped .changed").allTextContents()).length > 0, true);
});

test("filters by order, template and text say how many they leave", async () => {
  const page = await ran();
  const shown = () =>
    page
      .locator("#dataset-list [role=option]")
      .evaluateAll((rows) => rows.map((row) => Number(row.id.slice(7))));
  const places = (passes) => sentences.flatMap((sentence, i) => (passes(sentence, i) ? [i] : []));
  const expect = async (wanted) => {
    await status(page, `${wanted.length} of 20 prompts shown`);
    assert.deepEqual(
      (await shown()).sort((one, other) => one - other),
      wanted.slice(0, (await shown()).length),
    );
  };
  for (const order of ["ABBA", "BABA"]) {
    await page.selectOption("#dataset-order", order);
    await expect(places((_, i) => templates[i] === order));
  }
  await page.selectOption("#dataset-order", "");
  await page.fill("#dataset-search", "restaurant");
  await expect(places((sentence) => sentence.includes("restaurant")));
  await page.fill("#dataset-search", "no such words");
  await expect([]);
  await page.fill("#dataset-search", "");
  const options = await page.locator("#dataset-template option").allTextContents();
  let sum = 0;
  for (const text of options.slice(1)) {
    const [, key, count] = /^([AB]+ \d+) \((\d+)\): /.exec(text);
    await page.selectOption("#dataset-template", key);
    await status(page, `${count} of 20 prompts shown`);
    sum += Number(count);
  }
  assert.equal(sum, 20);
});

test("2 000 prompts: few rows exist, the end is reached, and scrolling stays smooth", async (t) => {
  const page = await ran({ n: "2000" });
  const list = page.locator("#dataset-list");
  await list.scrollIntoViewIfNeeded();
  const frames = await list.evaluate(async (box) => {
    const times = [];
    let last = performance.now();
    for (let i = 0; i < 60; i += 1) {
      // A fast wheel; a frame has about five new rows.
      box.scrollTop += 300;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((one, other) => one - other);
  });
  t.diagnostic(
    `a frame of a scroll takes ${frames[30].toFixed(1)} ms (median), at most ${frames.at(-1).toFixed(1)} ms`,
  );
  await list.evaluate((box) => {
    box.scrollTop = box.scrollHeight;
  });
  await page.waitForSelector("#prompt-1999");
  assert.ok(
    await page.locator("#prompt-1999").evaluate((row) => {
      const box = row.closest("#dataset-list").getBoundingClientRect();
      return row.getBoundingClientRect().bottom <= box.bottom + 1;
    }),
  );
  assert.ok((await page.locator("#dataset-list [role=option]").count()) < 40);
  assert.equal(await page.getAttribute("#prompt-1999", "aria-setsize"), "2000");
  await list.focus();
  await page.keyboard.press("End");
  assert.match(await page.innerText("#dataset-detail h3"), /^Prompt 2000$/);
  await page.keyboard.press("Home");
  assert.equal(await list.evaluate((box) => box.scrollTop), 0);
});

test("a click or a key chooses, and a filter keeps what is chosen", async () => {
  const page = await ran();
  const heading = () => page.innerText("#dataset-detail h3");
  await page.click("#prompt-2");
  assert.equal(await heading(), "Prompt 3");
  assert.equal(await page.getAttribute("#dataset-list", "aria-activedescendant"), "prompt-2");
  await page.locator("#dataset-list").focus();
  await page.keyboard.press("ArrowUp");
  assert.equal(await heading(), "Prompt 2");
  await page.keyboard.press("PageDown");
  assert.notEqual(await heading(), "Prompt 2");
  await page.keyboard.press("Home");
  // The first is ABBA: with BABA alone it stays chosen until a key chooses another.
  await page.selectOption("#dataset-order", "BABA");
  assert.equal(await heading(), "Prompt 1");
  assert.deepEqual(await chosenRows(page), []);
  await page.locator("#dataset-list").focus();
  await page.keyboard.press("Enter");
  assert.equal(await heading(), `Prompt ${templates.indexOf("BABA") + 1}`);
});

test("closed, the panel asks for nothing until it is opened", async () => {
  const page = await stage.open();
  await page.evaluate(() => {
    document.querySelector("#dataset").open = false;
  });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await runWell(page);
  assert.equal(await page.textContent("#dataset-status"), "");
  await page.locator("#dataset > summary").focus();
  await page.keyboard.press("Enter");
  await status(page, "20 of 20 prompts shown");
});

/** The page's own model's run, then one of the tiny model, with the panels closed that would ask for more. */
async function twoModels(worker = "") {
  const page = await stage.open({ hash: "", worker });
  await outcome(page);
  await page.waitForSelector('#figures[aria-busy="false"]');
  await status(page, "150 of 150 prompts shown");
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  await runWell(page);
  await status(page, "20 of 20 prompts shown");
  return page;
}

test("an earlier run of another model: its model is read with a bar, and once for all panels", async () => {
  const page = await twoModels();
  await page.evaluate(() => {
    window.bars = [];
    const bar = document.querySelector("#progress");
    const note = () => bar.hidden || window.bars.push(document.querySelector("#progress-text").textContent);
    new MutationObserver(note).observe(bar, { attributes: true, subtree: true, childList: true });
  });
  await page.click('[aria-label="Show run 1"]');
  await status(page, "150 of 150 prompts shown");
  await page.waitForFunction(() => document.querySelector("#progress").hidden);
  const bars = await page.evaluate(() => window.bars);
  assert.ok(
    bars.some((text) => /^(Downloading|Reading|Fetching) /.test(text)),
    bars.join("\n"),
  );
  assert.equal(await page.isDisabled("#cancel"), true);
  assert.equal(await state(page, "done"), "done");
});

test("the prompts are asked for once a run, whoever shows them", async () => {
  const counting = wrapExport(
    "model_dataset",
    `(call) => (...args) => { self.asked = (self.asked ?? 0) + 1; console.log("asked", self.asked); return call(...args); }`,
  );
  const context = await stage.newContext();
  await beginWorker(context, counting, DIST);
  const page = await context.newPage();
  const asked = [];
  page.on("console", (message) => message.text().startsWith("asked") && asked.push(message.text()));
  await page.goto(stage.siteUrl);
  await outcome(page);
  await status(page, "150 of 150 prompts shown");
  await page.waitForSelector('#figures[aria-busy="false"]');
  await page.click("#script-details summary");
  await page.waitForFunction(() => document.querySelector("#script")?.textContent.includes("import"));
  assert.deepEqual(asked, ["asked 1"]);
});

test("Run does not wait for a model that a panel reads", async () => {
  // Reading the page's own model a second time never ends.
  const worker = `{
    const fetched = self.fetch.bind(self);
    let times = 0;
    self.fetch = (url, options) => {
      const held = String(url?.url ?? url).includes("ioi-mini/model.safetensors") && ++times > 1;
      if (!held) return fetched(url, options);
      return new Promise((_, failed) => {
        options?.signal?.addEventListener("abort", () => failed(options.signal.reason));
      });
    };
  }`;
  const page = await twoModels(worker);
  await page.click('[aria-label="Show run 1"]');
  await page.waitForSelector("#progress:not([hidden])");
  assert.equal(await page.isEnabled("#cancel"), true);
  const begun = Date.now();
  assertFigures(await runWell(page));
  assert.ok(Date.now() - begun < 15_000);
});

test("at 390 pixels nothing is wider than the screen, and END is in its row", async () => {
  const page = await ran({}, { viewport: { width: 390, height: 800 }, hash: "#v=1" });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  assert.ok(await page.locator("#prompt-0 .end").isVisible());
});
