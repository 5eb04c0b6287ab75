// `npm run headless -- …`: one run of the experiment through the built page, in headless Chromium.
// Prints what `patchbay run` prints; everything else goes to stderr.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "./build.mjs";
import { launch, pageFailure } from "./lib/browser.mjs";
import { readOptions, shareLink, USAGE } from "./lib/headless-options.mjs";
import { watchMemory } from "./lib/memory.mjs";
import { Failure, main, ROOT, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";
import { table } from "./lib/table.mjs";
import { setup } from "./setup.mjs";

const DIST = join(ROOT, "dist");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

main(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  await setup({ rust: !options["no-build"], browser: true });
  if (!options["no-build"]) await build();
  if (!existsSync(join(DIST, "index.html"))) throw new Failure("dist/ is not built: leave out --no-build");

  const opened = []; // what keeps this process alive until it is closed
  const open = async (what) => {
    opened.push(await what);
    return what;
  };
  try {
    const site = await open(serve(DIST));
    // A server of its own: as from the hub, the model comes from another origin than the page.
    const model = options.modelFolder ? (await open(serve(options.modelFolder))).url : options.modelUrl;
    const browser = await open(launch({ webgpu: options.device === "webgpu" }));
    const link = `${site.url}#${shareLink(options, model && `url:${model}`)}`;
    print(await drive(browser, link, options), options);
  } catch (error) {
    throw pageFailure(error);
  } finally {
    await Promise.allSettled(opened.reverse().map((it) => it.close()));
  }
});

/** Opens the link, presses Run and waits for the result. */
async function drive(browser, link, options) {
  const begun = performance.now();
  const memory = await watchMemory(browser);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const log = [];
  page.on("console", (message) => log.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => log.push(`error: ${error.message}`));
  const until = waiting(page, options.timeout);
  try {
    await page.goto(link);
    // The page runs its own model by itself.
    let state = await until("ready", "done", "error");
    if (state === "ready") {
      await page.getByRole("button", { name: "Run", exact: true }).click();
      state = await until("done", "error", "cancelled");
    }
    if (state !== "done") await refuse(page, state);
    const total = Math.round(performance.now() - begun);
    const { result, report } = await page.evaluate(() => window.patchbay);
    return { ...result, report, timings_ms: { ...result.timings_ms, total }, memory: memory.stop() };
  } finally {
    memory.stop();
    showProgress("");
    if (options.screenshot) await screenshot(page, options.screenshot);
    if (options.verbose) for (const line of log) say(`page: ${line}`);
  }
}

/** A function that waits until the page is in one of the states, however the page ends, and for `seconds` in all. */
function waiting(page, seconds) {
  const late = sleep(seconds * 1000, "late", { ref: false });
  const crashed = new Promise((done) => page.once("crash", () => done("crashed")));
  const closed = new Promise((done) => page.once("close", () => done("closed")));
  let last = {};
  return async (...states) => {
    for (;;) {
      const look = page.evaluate(() => ({
        state: document.documentElement.dataset.state,
        step: document.querySelector(".progress-text")?.textContent ?? "",
      }));
      // A page that hangs does not answer: the other three end the wait for it.
      const seen = await Promise.race([crashed, closed, late, look]);
      if (seen === "crashed" || seen === "closed") throw new Error(`Target ${seen}`);
      if (seen === "late") {
        const { state, step } = last;
        const where = `the page is ${state ?? "not ready"}${step ? `: ${step}` : ""}`;
        throw new Failure(`no result after ${seconds} s; ${where}`);
      }
      last = seen;
      showProgress(seen.step);
      if (states.includes(seen.state)) return seen.state;
      await sleep(200);
    }
  };
}

/** Never throws: after an error it is the error that counts. */
async function screenshot(page, path) {
  try {
    await page.screenshot({ path, fullPage: true });
  } catch (error) {
    say(`no screenshot: ${error.message.split("\n")[0]}`);
    process.exitCode = 1;
  }
}

async function refuse(page, state) {
  const error = await page.evaluate(() => window.patchbay.error);
  const message = error?.message ?? `the run was ${state}`;
  const badArguments = error?.name === "BadInput" || error?.name === "BadLink";
  throw new Failure(message, badArguments ? 2 : 1);
}

function showProgress(step) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${step.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}

function print({ report, memory, device_info, ...result }, options) {
  if (options.verbose && memory)
    say(
      `peak memory of the browser: ${megabytes(memory.peak_rss_bytes)}, of its largest process ${megabytes(memory.peak_process_rss_bytes)}`,
    );
  // The model by the name it was given: the page knows only the address of a server that is gone by now.
  const { answer, notes } = report;
  const printed = { ...result, answer, notes, version, model: options.model, device: device_info };
  console.log(options.json ? JSON.stringify(printed) : table(printed));
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
