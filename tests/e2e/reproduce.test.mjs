// What repeats a run: the link that brings its result along, and the program for another library. What the panel shows is
// tested in www/panels/reproduce, what is in headlines and files in crate/tests/native/asked/reproduce.rs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { assertFigures, EXPECTED, fill, outcome, runWell, show, TINY_FORM } from "./helpers.mjs";
import { saved } from "./saved.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** A page with the tiny model's run, and the link that was copied from it. */
async function ranAndCopied(fields = {}) {
  const page = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  const result = await runWell(page);
  return { page, result, link: await copyLink(page) };
}

async function copyLink(page) {
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
}

/** What is said of the run beside the link's: the worker compares them after the run has ended. */
async function verdict(page) {
  const said = page.locator(".verdict", { hasText: /./ });
  await said.waitFor();
  return said.textContent();
}

test("a replay that agrees says so, where one looks and with each figure", async () => {
  const { link, result } = await ranAndCopied({ experiment: "controls" });
  assert.equal(link.get("sha256"), result.origin.sha256);
  const page = await stage.open({ hash: `#${link}` });
  await runWell(page);
  assert.match(await verdict(page), /agrees with the one stored in the link/);
  await show(page, "Reproduce");
  const table = page.getByRole("table", { name: "The link's means beside this result's" });
  await table.waitFor();
  const verdicts = await table.locator("tbody td:last-child").allTextContents();
  assert.equal(verdicts.length, 11);
  assert.deepEqual([...new Set(verdicts)], ["agrees"]);
  // Other settings were not promised anything.
  await show(page, "Place or name?");
  await fill(page, { seed: "7" });
  await runWell(page);
  await page.locator(".verdict", { hasText: /^$/ }).waitFor({ state: "attached" });
});

test("a replay that differs says in what, and what the likely cause is", async () => {
  const { link, result } = await ranAndCopied();
  link.set("means", link.get("means").replace(/patched:[^;]*/, "patched:1.5"));
  const page = await stage.open({ hash: `#${link}` });
  assertFigures(await runWell(page));
  assert.match(
    await verdict(page),
    /differs from the one stored in the link, in 1 of \d conditions\..*the link may have been changed/,
  );
  link.set("sha256", "0".repeat(64));
  link.set("app", "0.0.1");
  const other = await stage.open({ hash: `#${link}` });
  await runWell(other);
  assert.ok(
    (await verdict(other)).includes(
      `The likely cause: other weights, SHA-256 00000000… in the link and ${result.origin.sha256.slice(0, 8)}… here; another version of this page, 0.0.1`,
    ),
  );
});

test("a link to the page's own model is run and compared at once", async () => {
  const page = await stage.open({ hash: "", permissions: ["clipboard-read", "clipboard-write"] });
  await outcome(page);
  const opened = await stage.open({ hash: `#${await copyLink(page)}` });
  assert.equal((await outcome(opened)).end, "done");
  assert.match(await verdict(opened), /agrees/);
});

/** Parses it; false where there is no Python to ask. */
function assertPython(text) {
  const file = join(stage.folder({ "script.py": text }), "script.py");
  const { error, status, stderr } = spawnSync("python3", ["-m", "py_compile", file], { encoding: "utf8" });
  if (error?.code === "ENOENT") return false;
  assert.equal(status, 0, stderr);
  return true;
}

for (const experiment of ["patching_positions", "controls"]) {
  test(`the files of ${experiment} have the run's prompts and settings, and the script is Python`, async (t) => {
    const { page, result } = await ranAndCopied({ experiment, accuracy: true });
    await show(page, "Reproduce");
    const file = (name) => saved(page, page.getByRole("button", { name }));
    const { name, text: script } = await file("Download script");
    assert.match(name, /^patchbay-.*-experiment-L2H1-.*n20-seed42\.py$/);
    assert.match(script, /^ {4}"layer": 2,$/m);
    assert.match(script, /"seed": 42/);
    assert.ok(script.includes(`"model.safetensors": "${result.origin.sha256}"`));
    const { sentences, word_idx } = EXPECTED.dataset;
    const rows = [...script.matchAll(/^ {4}# <\|endoftext\|>(.*)\n {4}(\[.*\]),$/gm)];
    assert.equal(rows.length, sentences.length);
    for (const [i, [, text, row]] of rows.entries()) {
      // The last word is the answer.
      assert.equal(text, sentences[i].slice(0, sentences[i].lastIndexOf(" ")));
      const [clean, corrupted, positions, io, s] = JSON.parse(row);
      assert.deepEqual(positions, [word_idx.IO[i], word_idx.S1[i], word_idx.end[i]]);
      assert.deepEqual([clean[positions[0]], clean[positions[1]]], [io[0], s[0]]);
      assert.equal(clean.length, positions[2] + 1);
      assert.equal(corrupted.length, clean.length);
    }
    for (const [name, { mean_diff }] of Object.entries(result.conditions))
      assert.ok(script.includes(`"${name}": ${Number(mean_diff.toPrecision(9))}`), name);
    const notebook = JSON.parse((await file("Download notebook")).text);
    assert.equal(notebook.nbformat, 4);
    const code = notebook.cells.slice(1).map(({ source }) => source.join("").split("\n").slice(1).join("\n"));
    for (const cell of code) assert.ok(script.includes(cell), cell);
    if (!assertPython(script))
      t.diagnostic("python3 is not installed: whether the script parses was not tried");

    const json = JSON.parse((await file("Download JSON")).text);
    assert.deepEqual(json.spec, result.spec);
    assert.equal(json.model.sha256, result.origin.sha256);
    assert.deepEqual(
      json.prompts.map(({ prompt, sentence }) => [prompt, sentence]),
      sentences.map((sentence, i) => [i + 1, sentence]),
    );
    assertCsv((await file("Download CSV")).text, result);
  });
}

test("a grid's answer is taken away as a program, of either library", async () => {
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, n: "4" });
  await runWell(page);
  await show(page, "What matters?");
  await runWell(page);
  await page.getByText("As code for TransformerLens or nnsight").click();
  const shown = page.locator("details", { hasText: "As code for" });
  const file = () => saved(page, shown.getByRole("button", { name: "Download script" }));
  const lens = await file();
  assert.match(lens.text, /^from transformer_lens/m);
  assert.match(lens.text, /^SPEC = \{$/m);
  assertPython(lens.text);
  await shown.getByLabel("Library").selectOption("nnsight");
  const nnsight = await file();
  assert.match(nnsight.name, /-patch-.*-nnsight\.py$/);
  assert.match(nnsight.text, /^REMOTE = False$/m);
  assertPython(nnsight.text);
});

test("an answer has its program where the form's name is not the analysis's", async () => {
  const page = await stage.open();
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, n: "4" });
  await runWell(page);
  await show(page, "Why does it attend?");
  const more = page.locator("details.more", { hasText: "If the head read something simple" });
  await more.locator("summary").first().click();
  await more.getByRole("button", { name: "Ask" }).click();
  await more.getByText("As code for TransformerLens or nnsight").click();
  const { text } = await saved(page, more.getByRole("button", { name: "Download script" }));
  assert.match(text, /^ {4}\["W_U\[IO\]", "q", \["END"\], "W_U\[IO\]", True\],$/m);
  assertPython(text);
});

/** A row a condition and a prompt, which are numbered from 1. */
function assertCsv(text, result) {
  const [header, ...lines] = text.trimEnd().split("\n");
  assert.equal(header, "condition,prompt,io_score,s1_score,diff");
  const wanted = Object.entries(result.conditions).flatMap(([name, { io_score, s1_score, diff }]) =>
    diff.map((value, i) => [name, String(i + 1), io_score[i], s1_score[i], value]),
  );
  const rows = lines.map((line) => {
    const cells = [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    // They are single precision; of what is written the last of seventeen digits may be another.
    return [...cells.slice(0, 2), ...cells.slice(2).map((cell) => Math.fround(Number(cell)))];
  });
  assert.deepEqual(rows, wanted);
}
