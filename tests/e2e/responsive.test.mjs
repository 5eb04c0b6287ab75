// The page stays usable while a run goes on and while its result is shown: no task of the page's own thread takes long.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fill, openStage, outcome, quiet, runButton, state } from "./helpers.mjs";
import { keepFiles } from "./saved.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** From here on a task is called long, and a browser reports it. */
const LONG_TASK_MS = 50;
/**
 * Other programs on the machine make a task longer, never shorter, and by itself none here takes half of that. So one run in
 * which the browser reports no long task says that the page has none.
 */
const ATTEMPTS = 3;
// With tests and builds beside it no run may get through so: of ten thousand prompts it takes a quarter of a minute. What
// decides then is how long the page's thread had the processor in each task, from the browser's trace.

/** ioi-mini's page, which notes its long tasks. */
async function opened() {
  const context = await stage.newContext();
  await keepFiles(context);
  await context.addInitScript(() => {
    window.tasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.tasks.push({ startTime, duration });
    }).observe({ entryTypes: ["longtask"] });
  });
  const page = await stage.open({ hash: "", context });
  await outcome(page);
  return page;
}

/** One run, from the edit of the form to the last of its figures, which are scrolled to: the long tasks in it. */
async function measured(page, fields) {
  await page.evaluate(() => scrollTo(0, 0));
  const begun = await page.evaluate(() => performance.now());
  await fill(page, fields);
  // Not by `runWell`: handing a result of that size to the test takes the page's thread itself.
  await runButton(page).click();
  await page.waitForFunction(
    (n) => window.patchbay.result?.conditions?.clean.diff.length === n,
    Number(fields.n),
  );
  assert.equal(await state(page, "done", "error"), "done");
  await looked(page);
  return page.evaluate((begun) => window.tasks.filter(({ startTime }) => startTime >= begun), begun);
}

/** All that there is to be seen, comes into view. */
async function looked(page) {
  await quiet(page);
  for (const figure of await page.locator("main figure").all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".chart").first().waitFor();
  }
  // Long tasks are told of a little later.
  await page.waitForTimeout(300);
}

/** Runs until one has no long task, or else asks the trace. */
async function assertShort(t, page, work) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const tasks = await work();
    t.diagnostic(`run ${attempt}, tasks over ${LONG_TASK_MS} ms: ${tasks.map(inMs).join(", ") || "none"}`);
    if (tasks.length === 0) return;
  }
  const [longest] = await traced(page, work);
  t.diagnostic(`the longest by processor time: ${longest.processor} ms, ${longest.wall} ms by the clock`);
  assert.ok(longest.processor <= LONG_TASK_MS, `a task took ${longest.processor} ms of the processor`);
}

const inMs = ({ duration }) => Math.round(duration);

for (const [experiment, n] of [
  ["patching_positions", "2000"],
  ["controls", "2000"],
]) {
  test(`no task is long in a run of ${experiment} with ${n} prompts`, async (t) => {
    const page = await opened();
    await assertShort(t, page, () => measured(page, { experiment, n }));
  });
}

/** The tasks of the page's thread during `work`, those that took the processor longest first. */
async function traced(page, work) {
  await stage.browser.startTracing(page, { categories: ["toplevel"] });
  let trace;
  try {
    await work();
  } finally {
    trace = await stage.browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString("utf8"));
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

const busy = (page, ms) =>
  page.evaluate(
    (ms) =>
      new Promise((done) => {
        setTimeout(() => {
          const end = performance.now() + ms;
          while (performance.now() < end);
          done();
        });
      }),
    ms,
  );

test("both ways of measuring tell of a long task", async () => {
  const page = await opened();
  // Long enough to have the processor for more than the limit on a busy machine, too.
  const ms = 20 * LONG_TASK_MS;
  const [longest] = await traced(page, () => busy(page, ms));
  assert.ok(longest.wall >= ms, `${longest.wall} ms by the clock`);
  assert.ok(longest.processor > LONG_TASK_MS, `${longest.processor} ms of the processor`);
  await page.waitForFunction((ms) => window.tasks.some(({ duration }) => duration >= ms), ms);
});
