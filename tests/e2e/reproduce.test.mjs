// What repeats a run: the link that brings its result along, and the script for TransformerLens.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  assertFigures,
  EXPECTED,
  fill,
  formValues,
  openStage,
  outcome,
  runWell,
  TINY_FORM,
} from "./helpers.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** A page with the tiny model's run, and the link that was copied from it. */
async function ranAndCopied(fields = {}) {
  const page = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, ...fields });
  const result = await runWell(page);
  return { page, result, link: await copyLink(page) };
}

async function copyLink(page) {
  await page.click("#share");
  await page.waitForFunction(() => document.querySelector("#share-status").textContent === "Link copied.");
  return new URLSearchParams(
    new URL(await page.evaluate(() => navigator.clipboard.readText())).hash.slice(1),
  );
}

test("a link has the result's headline, while the form says what was run", async () => {
  const { page, result, link } = await ranAndCopied();
  assert.equal(link.get("sha256"), result.origin.sha256);
  assert.match(link.get("app"), /^\d+\.\d+\.\d+$/);
  const means = link
    .get("means")
    .split(";")
    .map((entry) => entry.split(":"));
  assert.deepEqual(
    means,
    Object.entries(result.conditions).map(([name, { mean_diff }]) => [
      name,
      String(Number(mean_diff.toPrecision(6))),
    ]),
  );
  await fill(page, { seed: "43" });
  const other = await copyLink(page);
  assert.deepEqual(
    ["means", "app", "sha256", "revision"].filter((name) => other.has(name)),
    [],
  );
});

test("a replay that agrees says so", async () => {
  const { link } = await ranAndCopied({ experiment: "controls" });
  const page = await stage.open({ hash: `#${link}` });
  assert.equal(await page.isVisible("#headline"), false);
  await runWell(page);
  assert.match(await page.textContent("#message"), /agrees with the one stored in the link/);
  assert.match(await page.textContent("#headline-verdict"), /agrees/);
  const verdicts = await page.locator("#headline-means tbody td:last-child").allTextContents();
  assert.equal(verdicts.length, 11);
  assert.deepEqual([...new Set(verdicts)], ["agrees"]);
  // Other settings were not promised anything.
  await fill(page, { seed: "7" });
  await runWell(page);
  assert.equal(await page.isVisible("#headline"), false);
  assert.equal(await page.textContent("#message"), "");
});

test("a replay that differs says in what, and what the likely cause is", async () => {
  const { link, result } = await ranAndCopied();
  link.set("means", link.get("means").replace(/patched:[^;]*/, "patched:1.5"));
  const page = await stage.open({ hash: `#${link}` });
  assertFigures(await runWell(page));
  assert.match(
    await page.textContent("#message"),
    /differs from the one stored in the link, in 1 of 3 conditions\..*the link may have been changed/,
  );
  const row = await page.locator("#headline-means tr", { hasText: "patched" }).innerText();
  assert.match(row, /patched\s+1\.5\s+0\.586487\s+differs/);

  link.set("sha256", "0".repeat(64));
  link.set("app", "0.0.1");
  const other = await stage.open({ hash: `#${link}` });
  await runWell(other);
  assert.ok(
    (await other.textContent("#message")).includes(
      `The likely cause: other weights, SHA-256 00000000… in the link and ${result.origin.sha256.slice(0, 8)}… here; another version of this page, 0.0.1`,
    ),
  );
});

test("a link to the page's own model is run and compared at once", async () => {
  const page = await stage.open({ hash: "", permissions: ["clipboard-read", "clipboard-write"] });
  await outcome(page);
  const link = await copyLink(page);
  const opened = await stage.open({ hash: `#${link}` });
  assert.equal((await outcome(opened)).end, "done");
  assert.match(await opened.textContent("#headline-verdict"), /agrees/);
});

test("malformed headlines are refused by name, as text, and the form stays", async (t) => {
  const { link } = await ranAndCopied();
  const untouched = await formValues(await stage.open({ hash: "#v=1" }));
  const markup = "<img src=x onerror=alert(1)>";
  for (const [name, value, message] of [
    ["means", `${markup}:x`, /means: expected condition:number, found "<img src=x onerror=alert\(1\)>:x"/],
    ["means", "clean:1;clean:2", /means: expected "clean" once, found twice/],
    ["means", "clean:1e999", /means: expected condition:number/],
    ["means", `${"x".repeat(3000)}:1`, /means: expected at most 2000 characters, found 3002/],
    ["sha256", "abc", /sha256: expected 64 hexadecimal digits, found "abc"/],
    ["revision", "main", /revision: expected 40 hexadecimal digits, found "main"/],
    ["app", "newest", /app: expected a version such as 0\.1\.0, found "newest"/],
    ["app", null, /app: missing/],
  ]) {
    await t.test(`${name} ${String(value).slice(0, 30)}`, async () => {
      const bad = new URLSearchParams(link);
      if (value === null) bad.delete(name);
      else bad.set(name, value);
      const page = await stage.open({ hash: `#${bad}` });
      assert.match(await page.textContent("#message"), message);
      assert.equal(await page.locator("#message img").count(), 0);
      assert.deepEqual(await formValues(page), untouched);
      assert.equal((await page.evaluate(() => window.patchbay.error)).name, "BadLink");
    });
  }
});

async function copyScript(page) {
  await page.click("#script-copy");
  await page.waitForFunction(() => document.querySelector("#script-status").textContent === "Script copied.");
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Parses it; false where there is no Python to ask. */
function assertPython(t, text) {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-script-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "script.py");
  writeFileSync(file, text);
  const { error, status, stderr } = spawnSync("python3", ["-m", "py_compile", file], { encoding: "utf8" });
  if (error?.code === "ENOENT") return false;
  assert.equal(status, 0, stderr);
  return true;
}

for (const experiment of ["patching_positions", "controls"]) {
  test(`the script of ${experiment} has the run's prompts and settings, and is Python`, async (t) => {
    const { page, result } = await ranAndCopied({ experiment, accuracy: true });
    const script = await copyScript(page);
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

    await page.click("#script-details summary");
    await page.waitForFunction(() => document.querySelector("#script").textContent.length > 1000);
    assert.equal(await page.textContent("#script"), script);
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("#script-download")]);
    assert.equal(file.suggestedFilename(), "patchbay-2.1-n20-seed42.py");
    assert.equal(readFileSync(await file.path(), "utf8"), script);

    if (!assertPython(t, script))
      t.diagnostic("python3 is not installed: whether the script parses was not tried");
  });
}

test("the script follows what is shown, an earlier run of another model too", async () => {
  const { page } = await ranAndCopied();
  await fill(page, { model: "ioi-mini", layer: "0", head: "1" });
  await runWell(page);
  assert.match(await copyScript(page), /^LAYER, HEAD = 0, 1$/m);
  await page.click('[aria-label="Show run 1"]');
  assert.match(await copyScript(page), /^LAYER, HEAD = 2, 1$/m);
});

test("without the clipboard the script is shown to copy from", async () => {
  const { page } = await ranAndCopied();
  await page.evaluate(() => {
    navigator.clipboard.write = () => Promise.reject(new Error("no"));
  });
  await page.click("#script-copy");
  await page.waitForFunction(() => document.querySelector("#script").textContent.includes("PROMPTS = ["));
  assert.match(await page.textContent("#script-status"), /clipboard is not available/);
});
