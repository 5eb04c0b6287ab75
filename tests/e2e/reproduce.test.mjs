// What repeats a run: the link that brings its result along, and the script for TransformerLens. What the panel shows is
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
    assert.match(name, /^patchbay-.*-place-L2H1-.*n20-seed42\.py$/);
    assert.match(script, /^LAYER, HEAD = 2, 1$/m);
    assert.match(script, /^SEED = 42$/m);
    assert.ok(script.includes(`SHA256 = {"model.safetensors": "${result.origin.sha256}", "config.json": "`));
    const { sentences, io, s, word_idx, flips } = EXPECTED.dataset;
    const flipped = flips["ABB -> BAB, BAB -> ABB"].sentences;
    sentences.forEach((sentence, i) => {
      const at = [word_idx.IO[i], word_idx.S1[i], word_idx.end[i]].join(", ");
      const line = `    ("${sentence}", "${flipped[i]}", "${io[i]}", "${s[i]}", ${at}),\n`;
      assert.ok(script.includes(line), line);
    });
    for (const [name, { mean_diff }] of Object.entries(result.conditions))
      assert.ok(script.includes(`    "${name}": ${Number(mean_diff.toPrecision(9))},\n`), name);
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
