// A figure in a frame of somebody's own page: a plain HTML file of another site, with the snippet that the page gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DIST, outcome, quiet, show, until } from "./helpers.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** The snippet of a figure, as it is copied. */
async function snippetOf(page, title) {
  const button = page.getByRole("button", { name: `Embed: ${title}` });
  await button.click();
  await page.getByText("Copied: an iframe for your own page.").waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The page with its own model's result. */
async function opened() {
  const page = await stage.open({ hash: "", permissions: ["clipboard-read", "clipboard-write"] });
  await outcome(page);
  return page;
}

/** A plain page of another site, which keeps what it is told. */
async function hostOf(html, options = {}) {
  const folder = stage.folder({
    "index.html": `<!doctype html><meta name="viewport" content="width=device-width">
      <script>window.told = []; addEventListener("message", ({ data }) => told.push(data))</script>
      <h1>Notes</h1>${html}`,
  });
  const site = await stage.serve(folder);
  const context = await stage.newContext(options);
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  const page = await context.newPage();
  // Another site than the frame's, by its name.
  await page.goto(site.url.replace("127.0.0.1", "localhost"));
  return { page, frame: page.frameLocator("iframe"), requests };
}

/** The frame is as high as what is in it. */
async function assertFits(page, frame) {
  const inside = () => frame.locator("#app").evaluate((it) => Math.ceil(it.getBoundingClientRect().height));
  const given = () => page.locator("iframe").evaluate((it) => it.clientHeight);
  await until(async () => (await inside()) === (await given()), "the frame is as high as its figure");
}

test("a copied snippet draws its figure at once, without the program, at any width, light or dark", async () => {
  const snippet = await snippetOf(await opened(), "Mean score by condition");
  for (const width of [1280, 390])
    for (const colorScheme of ["light", "dark"]) {
      const it = await hostOf(snippet, { colorScheme, viewport: { width, height: 900 } });
      await it.frame.getByRole("heading", { name: "Mean score by condition" }).waitFor();
      await it.frame.locator(".chart svg").waitFor();
      await assertFits(it.page, it.frame);
      const { paper, overflow } = await it.frame.locator("html").evaluate((html) => ({
        paper: getComputedStyle(document.body).backgroundColor,
        overflow: html.scrollWidth - html.clientWidth,
      }));
      assert.equal(paper, colorScheme === "dark" ? "rgb(21, 24, 26)" : "rgb(251, 251, 250)");
      assert.equal(overflow, 0);
      await it.frame.getByText("The numbers are as the link has them.").waitFor();
      assert.deepEqual(
        it.requests.filter((url) => /\.(wasm|safetensors)$/.test(url)),
        [],
      );
      // No fields, tabs or files.
      assert.equal(await it.frame.locator("input, select, nav").count(), 0);
      assert.equal(await it.frame.getByRole("button").count(), 1);
      const told = await it.page.evaluate(() => window.told);
      assert.ok(told.length > 0);
      for (const { height, ...rest } of told) {
        assert.ok(height > 100);
        assert.deepEqual(rest, { type: "patchbay-height" });
      }
    }
});

test("the figure is computed again where that is asked, and agrees with the link's numbers", async () => {
  const it = await hostOf(await snippetOf(await opened(), "Mean score by condition"));
  await it.frame.getByRole("button", { name: "Compute it here" }).click();
  const said = it.frame.getByText("Computed here.");
  await said.waitFor();
  const [, most] = /differ by at most ([\d.e-]+)\.$/.exec(await said.innerText()) ?? [];
  assert.ok(Number(most) < 0.001, await said.innerText());
  await assertFits(it.page, it.frame);
});

test("a figure of too many numbers is computed in the frame, and so is one beside what Run asks", async () => {
  const page = await opened();
  await show(page, "What does it attend to?");
  await page.locator(".every-head figure").waitFor();
  await quiet(page);
  const large = await snippetOf(page, "The attention of every head");
  assert.doesNotMatch(large, /figure=/);
  const it = await hostOf(large);
  await it.frame.locator(".chart svg").first().waitFor();
  await it.frame.getByText("Computed here.").waitFor();
  await assertFits(it.page, it.frame);
});

test("a host's own choice of light or dark, and a link that has been damaged", async () => {
  const page = await opened();
  const snippet = await snippetOf(page, "Mean score by condition");
  const dark = await hostOf(snippet.replace("#v=1", "&amp;theme=dark#v=1"), { colorScheme: "light" });
  await dark.frame.locator(".chart svg").waitFor();
  const paper = () => getComputedStyle(document.body).backgroundColor;
  assert.equal(await dark.frame.locator("html").evaluate(paper), "rgb(21, 24, 26)");
  const damaged = await hostOf(snippet.replace(/figure=.{20}/, "figure="));
  await damaged.frame.getByRole("alert").waitFor();
  assert.match(await damaged.frame.getByRole("alert").innerText(), /figure in this link cannot be read/);
  await damaged.frame.getByText("Computed here.").waitFor();
});

test("a link that is wrong is refused with its reason; one without anything shows the opening figure", async () => {
  const site = await stage.serve(DIST);
  const wrong = await hostOf(`<iframe src="${site.url}?embed=patch.map#v=1&amp;n=0"></iframe>`);
  await wrong.frame.getByText(/This link was not applied.*link: the link may have been cut off/).waitFor();
  const bare = await hostOf(`<iframe src="${site.url}?embed"></iframe>`);
  await bare.frame.getByRole("heading", { name: "Mean score by condition" }).waitFor();
  const [open] = await bare.frame.getByRole("link", { name: "Open in Patchbay" }).all();
  assert.equal(await open.getAttribute("href"), "/#");
});

test("where the site is kept, a frame of it opens without a network", async () => {
  const site = await stage.serve(DIST);
  const page = await stage.open({ url: site.url, hash: "", serviceWorkers: "allow" });
  await outcome(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await site.close();
  await page.context().setOffline(true);
  const frame = await page.context().newPage();
  await frame.goto(`${site.url}?embed&theme=dark`);
  await frame.getByText("Computed here.").waitFor();
});
