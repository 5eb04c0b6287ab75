// One browser with the built site and the tiny model beside it, for a test file; and all that its tests open, which goes with
// the test that opened it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { launch } from "../../scripts/lib/browser.mjs";
import { readOptions, shareLink } from "../../scripts/lib/headless-options.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { faultServer } from "./fault-server.mjs";
import { beginWorker, siteKnowing } from "./faults.mjs";
import { DIST, state, TINY } from "./helpers.mjs";

/** The notebook's run, as a link. Opened so, the page waits for Run; without a link it runs its own model at once. */
export const NOTEBOOK_LINK = `#${shareLink(readOptions(["--model", "openai-community/gpt2"]))}`;

/** At the top of a test file, or of a `describe`: `const stage = openStage()`. */
export function openStage(launchOptions = {}) {
  let [browser, site, model] = [];
  /** What is open, in the order in which it was opened: functions that close it. */
  const open = [];
  const closeDownTo = async (count) => {
    while (open.length > count) await open.pop()();
  };
  const keep = (it) => {
    open.push(() => it.close());
    return it;
  };
  const folder = (files = {}) => {
    const path = mkdtempSync(join(tmpdir(), "patchbay-"));
    open.push(() => rmSync(path, { recursive: true }));
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), bytes);
    return path;
  };
  let begun = null;
  const begin = async () => {
    site = keep(await serve(DIST));
    model = keep(await serve(TINY));
    browser = keep(await launch(launchOptions));
  };
  /** A file's own `before` may come first. */
  const ready = () => {
    begun ??= begin();
    return begun;
  };
  const newContext = async (options) => {
    await ready();
    // Requests through a service worker would pass by every route; offline.test.mjs is about it.
    const context = keep(await browser.newContext({ serviceWorkers: "block", ...options }));
    // A busy machine is no defect of the page.
    context.setDefaultTimeout(150_000);
    return context;
  };

  before(ready);
  let earlier = 0;
  beforeEach(() => {
    earlier = open.length;
  });
  afterEach(() => closeDownTo(earlier));
  after(() => closeDownTo(0));

  return {
    get browser() {
      return browser;
    },
    get siteUrl() {
      return site.url;
    },
    get modelUrl() {
      return model.url;
    },
    /** Has what has a `close()` closed after the test, or after all of them where it was opened before. */
    keep,
    /** A new folder with these files, by name. */
    folder,
    newContext,
    /** See scripts/lib/serve.mjs. */
    serve: async (dir, options) => keep(await serve(dir, options)),
    /** See fault-server.mjs. */
    faults: async (dir, options) => keep(await faultServer(dir, options)),
    /**
     * A page of its own, with nothing cached; it is ready, or has refused its link, or shows its own model's result. `worker`: see faults.mjs.
     * With the `context` of another page it is a second tab beside it.
     */
    async open({ hash = NOTEBOOK_LINK, url, worker = "", context = null, ...options } = {}) {
      const own = context ?? (await newContext(options));
      if (worker) await beginWorker(own, worker, DIST);
      const page = await own.newPage();
      await page.goto((url ?? site.url) + hash);
      await state(page, "ready", "done", "error");
      return page;
    },
    /** The address of the same site, except that it takes these files for those of the hub's GPT-2; see faults.mjs. */
    async siteKnowing(files, base) {
      const path = folder();
      siteKnowing(path, files, DIST, base);
      return keep(await serve(path)).url;
    },
  };
}
