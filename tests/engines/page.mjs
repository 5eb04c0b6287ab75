// What the checks do with a page in any browser: `browser` has the commands of scripts/lib/engines.

import assert from "node:assert/strict";
import { until } from "../../scripts/lib/engines/until.mjs";
import { readOptions, shareLink } from "../../scripts/lib/headless-options.mjs";
import { TINY_FORM } from "../e2e/helpers.mjs";

/** The form for expected.json with the model at this address, as a link. The page waits for Run then. */
export function tinyLink(modelUrl, fields = {}) {
  const { layer, head, n, seed, device } = { ...TINY_FORM, ...fields };
  const words = { "--layer": layer, "--head": head, "-n": n, "--seed": seed, "--device": device };
  return `#${shareLink(readOptions(Object.entries(words).flat()), `url:${modelUrl}`)}`;
}

/** Waits until a function gives something in the page, and answers with it. */
export const waitFor = (browser, what, work, arg) => until(what, () => browser.evaluate(work, arg));

/** Waits until the page is in one of these states, and says in which. */
export const state = (browser, ...wanted) =>
  waitFor(
    browser,
    `the page to be ${wanted.join(" or ")}`,
    (wanted) => wanted.find((name) => name === document.documentElement.dataset.state),
    wanted,
  );

/** Waits for the end of a run that is to end well; answers with its result. */
export async function doneWell(browser) {
  const end = await state(browser, "done", "error", "cancelled");
  const { result, error } = await browser.evaluate(() => window.patchbay);
  assert.equal(end, "done", error?.message);
  return result;
}

/** Follows a link after which the page waits for Run. */
export async function open(browser, url) {
  await browser.goTo("about:blank");
  await browser.goTo(url);
  assert.equal(await state(browser, "ready", "done", "error"), "ready");
}

/** Presses Run, waits for the end, which is to be good, and answers with the result. */
export async function run(browser) {
  await browser.click("button", "Run");
  return doneWell(browser);
}

/** A result without what differs from one run to the next. */
export function figuresOf({ timings_ms, origin: { load_ms, from, ...origin }, device_info, ...figures }) {
  return { ...figures, origin };
}

/** The result that the page opens with, with all that is said and drawn of it. */
export async function opening(browser) {
  const figures = figuresOf(await doneWell(browser));
  await waitFor(browser, "all heads", () => {
    const [answer, partial] = [".all-heads h2", '[aria-busy="true"]'].map((it) => document.querySelector(it));
    return answer.textContent.startsWith("Of ") && partial === null;
  });
  const shown = await browser.evaluate(() => {
    const { answer, tables, figures } = window.patchbay.report;
    const texts = [...document.querySelectorAll("main :is(h2, table)")].map((it) => it.textContent);
    return { answer, tables, figures, texts };
  });
  return { figures, shown };
}
