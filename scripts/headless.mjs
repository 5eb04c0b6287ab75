// `npm run headless -- --model DIR …`: one run of the experiment through the built page, in headless Chromium.
// Prints what `patchbay run` prints; everything else goes to stderr.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "./build.mjs";
import { launch } from "./lib/browser.mjs";
import { readOptions, shareLink, USAGE } from "./lib/headless-options.mjs";
import { watchMemory } from "./lib/memory.mjs";
import { Failure, main, ROOT, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";
import { table } from "./lib/table.mjs";
import { setup } from "./setup.mjs";

const DIST = join(ROOT, "dist");

main(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  await setup({ rust: !options["no-build"], browser: true });
  if (!options["no-build"]) await build();
  if (!existsSync(join(DIST, "index.html"))) throw new Failure("dist/ is not built: leave out --no-build");

  const servers = [await serve(DIST)];
  const browser = await launch({ webgpu: options.device === "webgpu" });
  try {
    let model = options.modelUrl;
    if (options.modelFolder) {
      // A server of its own: as from the hub, the model comes from another origin than the page.
      servers.push(await serve(options.modelFolder));
      model = servers[1].url;
    }
    const link = `${servers[0].url}#${shareLink(options, model && `url:${model}`)}`;
    print(await drive(browser, link, options), options);
  } finally {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  }
});

/** Opens the link, presses Run and waits for the result. */
async function drive(browser, link, options) {
  const begun = performance.now();
  const deadline = begun + options.timeout * 1000;
  const memory = await watchMemory(browser);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const log = [];
  let crashed = false;
  page.on("console", (message) => log.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => log.push(`error: ${error.message}`));
  page.on("crash", () => {
    crashed = true;
  });

  const until = async (...states) => {
    for (;;) {
      if (crashed) throw new Failure("the page crashed (out of memory?)");
      const { state, step } = await page.evaluate(() => ({
        state: document.documentElement.dataset.state,
        step: document.querySelector("#progress-text")?.textContent ?? "",
      }));
      showProgress(step);
      if (states.includes(state)) return state;
      if (performance.now() > deadline) {
        throw new Failure(
          `no result after ${options.timeout} s; the page is ${state ?? "not ready"}${step ? `: ${step}` : ""}`,
        );
      }
      await sleep(200);
    }
  };

  try {
    await page.goto(link);
    let state = await until("ready", "error");
    if (state === "ready") {
      await page.click("#run");
      state = await until("done", "error", "cancelled");
    }
    if (state !== "done") await refuse(page, state);
    const total = Math.round(performance.now() - begun);
    const result = await page.evaluate(() => window.patchbay.result);
    const sentences = (await page.locator("#sentences p").allTextContents()).join("\n");
    return { ...result, sentences, timings_ms: { ...result.timings_ms, total }, memory: memory.stop() };
  } finally {
    memory.stop();
    showProgress("");
    if (options.screenshot && !crashed) await page.screenshot({ path: options.screenshot, fullPage: true });
    if (options.verbose) for (const line of log) say(`page: ${line}`);
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

function print({ sentences, device_info, ...result }, options) {
  if (options.verbose) say(sentences);
  // The model by the name it was given: the page knows only the address of a server that is gone by now.
  const printed = { ...result, model: options.model, device: device_info };
  console.log(options.json ? JSON.stringify(printed) : table(printed));
}
