// The page stays usable while a run goes on and while its result is shown: no task of the page's own thread takes long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, outcome, pressRun, quiet, state } from "./helpers.mjs";
import { keepFiles } from "./saved.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();

/** So long a task is felt, and called long by browsers. By itself none here takes half of that. */
const LONG_TASK_MS = 50;
/** Other programs on the machine make a task longer, never shorter: one run without a long task says that the page has none. */
const ATTEMPTS = 5;

/** ioi-mini's page. */
async function opened() {
  const context = await stage.newContext();
  await keepFiles(context);
  const page = await stage.open({ hash: "", context });
  await outcome(page);
  return page;
}

/** One run, from the edit of the form to the last of its figures, which are scrolled to. */
async function looked(page, fields) {
  await page.evaluate(() => scrollTo(0, 0));
  await fill(page, fields);
  // Not by `runWell`: handing a result of that size to the test takes the page's thread itself.
  await pressRun(page);
  await page.waitForFunction(
    (n) => window.patchbay.result?.conditions?.clean.diff.length === n,
    Number(fields.n),
  );
  assert.equal(await state(page, "done", "error"), "done");
  await quiet(page);
  for (const figure of await page.locator("main figure").all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".chart").first().waitFor();
  }
}

for (const [experiment, n] of [
  ["patching_positions", "2000"],
  ["controls", "2000"],
]) {
  test(`no task is long in a run of ${experiment} with ${n} prompts`, async (t) => {
    const page = await opened();
    for (let attempt = 1; ; attempt += 1) {
      const [longest] = await traced(page, () => looked(page, { experiment, n }));
      t.diagnostic(
        `the longest task: ${longest.processor} ms of the processor, ${longest.wall} ms by the clock`,
      );
      if (longest.processor <= LONG_TASK_MS) return;
      assert.ok(attempt < ATTEMPTS, `a task took ${longest.processor} ms of the processor`);
    }
  });
}

const BEGUN = "the work begins";
const ENDED = "the work has ended";

/**
 * The tasks of the page's thread during `work`, from the browser's trace. By how long they had the processor: by the clock
 * they also wait for other programs.
 */
async function traced(page, work) {
  await stage.browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  let trace;
  try {
    await page.evaluate((mark) => performance.mark(mark), BEGUN);
    await work();
    // In a task of its own: a task is in the trace once it has ended, and the last one may have answered us before that.
    await page.evaluate((mark) => performance.mark(mark), ENDED);
  } finally {
    trace = await stage.browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString("utf8"));
  // The page's process hears of the trace a moment after the browser's: then the work is done once more.
  if (![BEGUN, ENDED].every((mark) => traceEvents.some(({ name }) => name === mark)))
    return traced(page, work);
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ ph, name, pid, tid, tdur }) => {
      return ph === "X" && name.endsWith("RunTask") && tdur !== undefined && threads.has(`${pid} ${tid}`);
    })
    .sort((one, other) => other.tdur - one.tdur)
    .map(({ tdur, dur }) => ({ processor: Math.round(tdur / 1000), wall: Math.round(dur / 1000) }));
}

test("a long task is seen", async () => {
  const page = await opened();
  // Long enough to have the processor for more than the limit on a busy machine, too.
  const ms = 20 * LONG_TASK_MS;
  // It answers us before it ends, as a busy machine makes any task do: what it still does then belongs to it.
  const busy = (ms) =>
    new Promise((done) => {
      setTimeout(async () => {
        done();
        for (let turn = 0; turn < 100; turn += 1) await null;
        const end = performance.now() + ms;
        while (performance.now() < end);
      });
    });
  const [longest] = await traced(page, () => page.evaluate(busy, ms));
  assert.ok(longest.wall >= ms, `${longest.wall} ms by the clock`);
  assert.ok(longest.processor > LONG_TASK_MS, `${longest.processor} ms of the processor`);
});
