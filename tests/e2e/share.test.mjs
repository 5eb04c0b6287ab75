// Share links: there and back, and links that nobody should trust. Which parts of a link are refused for what is tested in
// www/store/link/link.test.ts, what is said beside the button in www/panels/share.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertFigures,
  fill,
  formValues,
  message,
  outcome,
  runWell,
  show,
  state,
  TINY_FORM,
} from "./helpers.mjs";
import { NOTEBOOK_LINK, openStage } from "./stage.mjs";

const stage = openStage();

const GOOD = NOTEBOOK_LINK;
const goTo = (page, hash) => page.evaluate((hash) => location.assign(hash), hash);

test("a copied link brings back the settings and the figures, and opening it fetches nothing", async () => {
  const page = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await fill(page, { ...TINY_FORM, model: `url:${stage.modelUrl}`, accuracy: true });
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Link copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.waitForURL(link);

  const other = await stage.open({ hash: new URL(link).hash });
  const requests = [];
  other.context().on("request", (request) => requests.push(request.url()));
  assert.deepEqual(await formValues(other), await formValues(page));
  await other.waitForTimeout(300);
  assert.deepEqual(requests, [], "opening a link fetched something");
  assertFigures(await runWell(other));
});

test("a link that names only a question changes nothing else", async () => {
  const page = await stage.open({ hash: GOOD.replace("n=150", "n=12") });
  const before = await formValues(page);
  await goTo(page, "#question=why");
  await page.getByRole("link", { name: "Why does it attend?" }).and(page.locator("[aria-current]")).waitFor();
  await show(page, "Place or name?");
  assert.deepEqual(await formValues(page), before);
  // Opened by itself it is of the opening settings.
  const cold = await stage.open({ hash: "#question=place" });
  assert.equal((await outcome(cold)).end, "done");
  assert.equal((await cold.evaluate(() => window.patchbay.result)).model, "ioi-mini");
});

test("Back comes to the question before, and leaves the settings alone", async () => {
  const page = await stage.open({ hash: GOOD.replace("n=150", "n=12") });
  const here = (title) =>
    page.getByRole("link", { name: title, exact: true }).and(page.locator("[aria-current]")).waitFor();
  await fill(page, { n: "14" });
  await show(page, "Why does it attend?");
  await show(page, "Prompts");
  await page.goBack();
  await here("Why does it attend?");
  await page.goBack();
  await here("Place or name?");
  assert.equal((await formValues(page)).n, "14");
  await page.goForward();
  await here("Why does it attend?");
  await page.waitForURL(/#question=why$/);
});

/** What only the crate knows is refused as well, and all of it at once. */
const BAD = [
  [
    "n out of range",
    GOOD.replace("n=150", "n=10001"),
    /n: expected a whole number from 1 to 10000, found "10001"/,
  ],
  ["a flip that cannot be read", GOOD.replace(/flip=[^&]*/, "flip=nonsense"), /flip: /],
  ["an odd n with symmetric", GOOD.replace("n=150", "n=151"), /(n|symmetric): .*even/],
  ["another version", GOOD.replace("v=1", "v=9"), /v: expected a link of version 1/],
  [
    "a cut",
    GOOD.slice(0, GOOD.indexOf("&freeze_ln")),
    /link: the link may have been cut off; missing: freeze_ln\./,
  ],
  [
    "three mistakes",
    GOOD.replace("n=150", "n=151")
      .replace("seed=42", "seed=x")
      .replace(/flip=[^&]*/, "flip=y"),
    /(n|symmetric): .*even.*seed: .*flip: |seed: .*(n|symmetric): .*even.*flip: /,
  ],
  [
    "HTML",
    `${GOOD}&%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E=1`,
    /<img src=x onerror=alert\(1\)>: no such field/,
  ],
];

test("bad links name the field, as text, and leave the settings alone", async () => {
  const page = await stage.open({ hash: GOOD.replace("seed=42", "seed=7") });
  const untouched = await formValues(page);
  for (const [what, hash, words] of BAD) {
    await goTo(page, hash);
    await page.waitForFunction(() => window.patchbay.error?.name === "BadLink");
    assert.match(await message(page), words, what);
    assert.deepEqual(await formValues(page), untouched, what);
    assert.equal(await page.locator(".message img").count(), 0);
    await goTo(page, GOOD.replace("seed=42", "seed=7"));
    await state(page, "ready");
    assert.equal(await message(page), "", "what was said about the link before");
  }
});

test("a bad link opens the page as it opens without one, and taking it away runs the page's own model", async () => {
  const page = await stage.open({ hash: GOOD.replace("n=150", "n=0") });
  assert.match(await message(page), /^This link was not applied\./);
  const untouched = await formValues(await stage.open({ hash: "" }));
  assert.deepEqual(await formValues(page), untouched);
  await goTo(page, "#");
  await state(page, "done");
  assert.equal(await message(page), "");
  assert.equal(await page.evaluate(() => window.patchbay.error), null);
});

test("a reload comes back to what the page was set to; a new tab opens as the first visit did", async () => {
  const page = await stage.open({ hash: "" });
  await fill(page, { n: "14", seed: "7" });
  await show(page, "Who writes the answer?");
  await fill(page, { lens_scale: "live" });
  await page.waitForFunction(() => sessionStorage.getItem("patchbay settings")?.includes("lens_scale=live"));
  const writes = await formValues(page);
  await page.reload();
  await state(page, "done");
  assert.deepEqual(await formValues(page), writes);
  await show(page, "Place or name?");
  assert.equal((await formValues(page)).n, "14");
  const other = await stage.open({ hash: "", context: page.context() });
  assert.equal((await formValues(other)).n, "150");
});
