// Own prompts: run like generated ones, refused line by line, and carried by links that nobody should trust.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  assertFigures,
  EXPECTED,
  fill,
  openStage,
  outcome,
  run,
  runWell,
  state,
  TINY_FORM,
} from "./helpers.mjs";

const { sentences, io, s } = EXPECTED.dataset;
const LINES = sentences.map((sentence, i) => `${sentence} | ${io[i]} | ${s[i]}`);
const LINK =
  "#v=1&experiment=patching_positions&model=folder&layer=1&head=1&n=150&seed=42&symmetric=true" +
  "&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true&prompts=";
const packed = (text) => deflateRawSync(text).toString("base64url");

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

async function opened(form = {}, options = {}) {
  const page = await stage.open(options);
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...form });
  return page;
}

async function write(page, text) {
  await page.click("#own-prompts");
  await page.fill("#own-text", text);
}

async function use(page, text) {
  await write(page, text);
  await page.click("#own-use");
  await page.waitForSelector("#own-dialog:not([open])", { state: "attached" });
}

const said = (page) => page.textContent("#own-summary");
const problems = (page) => page.locator("#own-problems li").allTextContents();

test("own prompts give the figures of the same prompts generated", async () => {
  const page = await opened({ n: "no number", seed: "42" });
  await use(page, LINES.join("\n"));
  assert.match(
    await page.textContent("#own-status"),
    /Own prompts in use: 20\. Number .* do not apply; the seed still/,
  );
  for (const id of ["n", "prompt-type", "symmetric"]) assert.ok(await page.isDisabled(`#${id}`), id);
  const result = await runWell(page);
  assertFigures(result);
  assert.equal(result.spec.dataset.prompts.length, 20);
  assert.match(await page.textContent("#settings"), /20 own prompts, seed 42, BOS/);
  assert.match(await page.innerText("#evidence"), /patched\s+20 of 20/);
  assert.equal(await page.isVisible("#stale"), false);
  await page.waitForFunction(() => /20 of 20/.test(document.querySelector("#dataset-status").textContent));
  assert.match(await page.textContent("#dataset-detail"), /ABBA, own prompt/);

  await page.click("#own-stop");
  assert.equal(await page.textContent("#own-status"), "");
  assert.equal(await page.isDisabled("#n"), false);
  assert.ok(await page.isVisible("#stale"));
  // What was written stays for the next time.
  await page.click("#own-prompts");
  assert.equal(await page.inputValue("#own-text"), LINES.join("\n"));
});

test("the generated prompts can be copied, edited and run", async () => {
  const page = await opened();
  await page.click("#own-prompts");
  await page.click("#own-copy");
  await page.waitForFunction(() => /copied/.test(document.querySelector("#own-summary").textContent));
  assert.equal(await page.inputValue("#own-text"), LINES.join("\n"));
});

const BAD = [
  ["Then, Alex met Anthony", /found one part; write: sentence \| IO \| S/],
  [`${sentences[0]} | Alex | Alex`, /expected two names/],
  [`${sentences[0]}. | Alex | Anthony`, /end in IO "Alex", found "Alex\."; end it in the answer/],
  ["Alex and Anthony met. He waved to Alex | Alex | Anthony", /expected S "Anthony" twice.* found it once/],
  [
    `${sentences[0].replaceAll("Alex", "Xylophonia")} | Xylophonia | Anthony`,
    /name "Xylophonia" is \d+ tokens/,
  ],
  ["Then, Alex and Connor saw Anthony and Anthony waved to Alex | Alex | Anthony", /first three words/],
  [
    `${"so ".repeat(400)}${sentences[0]} | Alex | Anthony`,
    /tokens up to END, but the model's context is \d+/,
  ],
];

test("each bad line says why, stays in the text and out of the run", async () => {
  const page = await opened();
  // The model is at hand after a run.
  await runWell(page);
  const text = [...BAD.map(([line]) => line), ...LINES].join("\n");
  await write(page, text);
  await page.click("#own-check");
  await page.waitForFunction(() => /fit/.test(document.querySelector("#own-summary").textContent));
  assert.equal(await said(page), `20 prompts fit, ${BAD.length} lines are left out.`);
  const found = await problems(page);
  BAD.forEach(([, message], i) => {
    assert.match(found[i], new RegExp(`^Line ${i + 1}: `));
    assert.match(found[i], message);
  });
  await page.click("#own-use");
  const { end, result, message } = await run(page);
  assert.equal(end, "done", message);
  assertFigures(result);
  assert.match(message, /^7 lines of your prompts were left out\. Line 1: .*4 more; Check/);
  assert.equal(await page.isVisible("#stale"), false);
  await page.click("#own-prompts");
  assert.equal(await page.inputValue("#own-text"), text);
});

test("prompts of which none fits are refused, in the dialog or at Run", async () => {
  const page = await opened();
  await write(page, "just text");
  await page.click("#own-use");
  assert.match(await said(page), /no line is a prompt; line 1: expected a sentence, IO and S/);
  assert.ok(await page.isVisible("#own-dialog"));
  await page.fill("#own-text", BAD[4][0]);
  await page.click("#own-check");
  assert.match(await said(page), /1 prompt fits.*Tokens and length are checked at Run/);
  await page.click("#own-use");
  const refused = await run(page);
  assert.equal(refused.end, "error");
  assert.match(refused.message, /^Own prompts: none of them fits this model\. Line 1: the name "Xylophonia"/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "own-prompts");
});

test("the keyboard alone opens, writes, uses and leaves", async () => {
  const page = await opened();
  await page.locator("#own-prompts").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "own-text");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#own-dialog:not([open])", { state: "attached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "own-prompts");
});

test("what prompts say is text, never HTML", async () => {
  const page = await opened();
  const sentence = sentences[0].replace("ring", "<img src=x onerror=alert(1)>");
  await use(page, `${sentence} | Alex | Anthony\n<img src=x> | <b> | <i>`);
  await runWell(page);
  await page.waitForFunction(() => /1 of 1 /.test(document.querySelector("#dataset-status").textContent));
  assert.match(await page.textContent("#message"), /<b>/);
  assert.equal(await page.locator("img, main i").count(), 0);
});

test("a link brings own prompts along, with the figures", async () => {
  const page = await opened({}, { permissions: ["clipboard-read", "clipboard-write"] });
  const text = `${LINES.join("\n")}\nno prompt <b>`;
  await use(page, text);
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-status").textContent === "Link copied.");
  const other = await stage.open({ hash: new URL(page.url()).hash });
  assert.match(await other.textContent("#own-status"), /Own prompts in use: 20 \(lines left out: 1\)/);
  await other.click("#own-prompts");
  assert.equal(await other.inputValue("#own-text"), text);
  await other.click("#own-close");
  assertFigures(await runWell(other));
});

/** As many prompts as no link can hold. */
function endless() {
  const random = () => Math.random().toString(36).slice(2);
  return Array.from({ length: 400 }, () => `${random()} ${random()} ${LINES[0]}`).join("\n");
}

test("prompts too many for a link are offered as a file, which can be opened", async () => {
  const page = await opened();
  const before = page.url();
  const text = endless();
  await use(page, text);
  await page.click("#share");
  await page.waitForSelector("#share-prompts");
  assert.match(
    await page.textContent("#share-status"),
    /No link: .* [\d,]+ characters, and at most 8,192 are read/,
  );
  assert.equal(page.url(), before);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#share-prompts")]);
  const other = await opened();
  await other.click("#own-prompts");
  await other.setInputFiles("#own-file", await download.path());
  await other.waitForFunction((wanted) => document.querySelector("#own-text").value === wanted, text);
});

const REFUSED = [
  [
    "damaged",
    `${packed(LINES.join("\n")).slice(0, -8)}`,
    /prompts: the packed prompts are damaged: it cannot be/,
  ],
  ["of another alphabet", "a%7Cb", /prompts: .*expected letters, digits, - and _, found "\|"/],
  ["with something behind", `${packed("abcdefg")}AAAA`, /prompts: .*cannot be unpacked/],
  ["with a bomb", packed("A".repeat(4_000_000)), /at most 1000000 bytes when unpacked, found more/],
  ["with no prompt", packed("<img src=x onerror=alert(1)>"), /prompts: no line is a prompt; line 1/],
  [
    "with too many",
    packed(`${LINES[0]}\n`.repeat(2001)),
    /prompts: expected at most 2000 prompts, found 2001/,
  ],
  ["too long", packed(endless()), /link: expected at most 8192 characters/],
];

test("bad prompts in a link refuse it with a message", async (t) => {
  for (const [what, prompts, message] of REFUSED) {
    await t.test(what, async () => {
      const page = await stage.open({ hash: LINK + prompts });
      assert.match(await page.textContent("#message"), message);
      assert.equal(await page.textContent("#own-status"), "");
      assert.equal(await page.locator("#message img").count(), 0);
    });
  }
});

test("a link without prompts takes those of the form away", async () => {
  const page = await stage.open({ hash: LINK + packed(LINES[0]) });
  assert.match(await page.textContent("#own-status"), /in use: 1\./);
  await page.evaluate((hash) => location.assign(hash), LINK.replace("&prompts=", ""));
  await page.waitForFunction(() => document.querySelector("#own-status").textContent === "");
  await state(page, "ready");
});

test("the page's own model runs the prompts of a link at once", async () => {
  const page = await stage.open({ hash: LINK.replace("model=folder", "model=ioi-mini") + packed(LINES[0]) });
  const { end, result } = await outcome(page);
  assert.equal(end, "done");
  assert.equal(result.conditions.clean.diff.length, 1);
});
