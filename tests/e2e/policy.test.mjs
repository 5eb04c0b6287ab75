// The Content-Security-Policy: all that the page does is within it, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFigures, fill, openModels, runWell, show, TINY_FORM } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

test("a run, its chart, its files and the list of stored models are within the policy", async () => {
  const context = await stage.newContext();
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
      window.violations.push(`${effectiveDirective} ${blockedURI} ${sample}`);
    });
  });
  const page = await stage.open({ context });
  const said = [];
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text());
  });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}` });
  assertFigures(await runWell(page));
  await page.getByRole("button", { name: "Copy link" }).click();
  await show(page, "Reproduce");
  const download = page.getByRole("button", { name: "Download JSON" });
  const [file] = await Promise.all([page.waitForEvent("download"), download.click()]);
  assert.equal(await file.failure(), null);
  const dialog = await openModels(page);
  await dialog.getByText(stage.modelUrl.replace(/\/$/, "")).first().waitFor();
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(said, []);
});

test("what the page does not need is refused", async () => {
  const page = await stage.open();
  const found = await page.evaluate(async (elsewhere) => {
    const violations = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      violations.push(effectiveDirective);
    });
    const inline = document.createElement("script");
    inline.textContent = "window.injected = true";
    document.body.append(inline);
    const image = document.createElement("img");
    image.src = `${elsewhere}x.png`;
    document.body.append(image);
    document.body.insertAdjacentHTML("beforeend", "<style>body { color: red }</style>");
    const fetched = await fetch(elsewhere).then(
      () => true,
      () => false,
    );
    // They are told of a little later; without all four this runs into the test's own check.
    for (let i = 0; i < 50 && violations.length < 4; i++) await new Promise((done) => setTimeout(done, 100));
    return { injected: window.injected === true, fetched, violations };
  }, stage.modelUrl);
  assert.equal(found.injected, false);
  assert.equal(found.fetched, false);
  for (const directive of [/^script-src/, /^connect-src/, /^img-src/, /^style-src/])
    assert.ok(
      found.violations.some((violation) => directive.test(violation)),
      `${directive} in ${found.violations.join(", ")}`,
    );
});
