// What does not go wrong by itself, made to go wrong for real: scripts that run in the worker before its own.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { ISOLATED } from "../../scripts/lib/serve.mjs";

/** Has the worker of this context's pages begin with `script`. */
export async function beginWorker(context, script, dist) {
  const assets = join(dist, "assets");
  const worker = readdirSync(assets).find((name) => /^worker-.*\.js$/.test(name));
  const body = `${script}\n${readFileSync(join(assets, worker), "utf8")}`;
  const server = createServer((_, response) => response.writeHead(200, HEADERS).end(body));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  // Not route.fulfill: the browser lets no script without an address read from local servers.
  const url = `http://127.0.0.1:${server.address().port}/`;
  await context.route("**/worker-*.js", (route) => route.continue({ url }));
  context.once("close", () => {
    server.close();
    server.closeAllConnections();
  });
}

/**
 * Fills a folder with the built site, except that it takes these files, by name, for those of the hub's GPT-2; and with
 * `base`, that address for the hub's.
 */
export function siteKnowing(folder, files, dist, base = HUB.base) {
  const weights = files["model.safetensors"];
  const edits = [
    [HUB.base, base],
    [HUB.weights.sha256, sha256(weights)],
    [String(HUB.weights.size), String(weights.length)],
    [HUB.small.merges_sha256, sha256(mergesText(files["tokenizer.json"]))],
    [shapeText(HUB.small.config), shapeText(JSON.parse(files["config.json"]))],
  ];
  const made = new Set();
  const copy = (from, to) => {
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const [file, place] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) copy(file, place);
      else if (!entry.name.endsWith(".js")) symlinkSync(file, place);
      else {
        let text = readFileSync(file, "utf8");
        for (const [known, ours] of edits) {
          if (text.includes(known)) made.add(known);
          text = text.replaceAll(known, ours);
        }
        writeFileSync(place, text);
      }
    }
  };
  copy(dist, folder);
  const missing = edits.map(([known]) => known).filter((known) => !made.has(known));
  if (missing.length > 0)
    throw new Error(`${dist} has no script that knows ${missing.join(" and ")} of the hub's`);
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The merges.txt that a tokenizer.json was made of. */
function mergesText(tokenizer) {
  const lines = JSON.parse(tokenizer).model.merges.map((merge) => `${[merge].flat().join(" ")}\n`);
  return `#version: 0.2\n${lines.join("")}`;
}

/** As scripts write it. The epsilon is the same everywhere. */
const shapeText = (config) =>
  ["n_layer", "n_head", "n_embd", "n_ctx", "vocab_size"].map((key) => `${key}:${config[key]}`).join();

/** What the page knows of the hub's GPT-2. */
export const HUB = JSON.parse(readFileSync(new URL("../../crate/src/hub.json", import.meta.url), "utf8"));

/**
 * Has this context's requests to the hub answered with these files, by name: bytes, or a function that gives the bytes
 * for the n-th request of that file, and after them `announced` for a length that is not theirs. Returns the requests.
 */
export async function answerHub(context, files) {
  const requests = [];
  await context.route(`${new URL(HUB.base).origin}/**`, async (route) => {
    const url = route.request().url();
    const name = url.split("/").at(-1);
    const range = (await route.request().allHeaders()).range ?? null;
    const before = requests.filter((request) => request.name === name).length;
    requests.push({ url, name, range, headers: await route.request().allHeaders() });
    const file = files[name];
    const { bytes, announced = bytes.length } =
      typeof file === "function" ? file(before) : { bytes: file, announced: file.length };
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    await route.fulfill({
      status: range === null ? 200 : 206,
      body: bytes.subarray(start),
      headers: {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "content-length, content-range, etag",
        "content-length": String(announced - start),
        etag: `"${name}"`,
        ...(range === null ? {} : { "content-range": `bytes ${start}-${announced - 1}/${announced}` }),
      },
    });
  });
  return requests;
}

const HEADERS = {
  "content-type": "text/javascript",
  "access-control-allow-origin": "*",
  // Or a page that is isolated has no such worker.
  ...ISOLATED,
};

/**
 * Wraps one of the wasm's exports: `wrap` is called in the worker with it and with `trap`, and returns what takes its
 * place. `trap()` makes the wasm's next call of the browser exhaust its memory: a real trap, with the wasm's frames
 * and what they have borrowed still there, as after a panic.
 */
export const wrapExport = (name, wrap) =>
  replaceExports(`(exports, trap) => ({ ${name}: (${wrap})(exports.${name}, trap) })`);

/** The same of planning one of the crate's analyses, by its name there. */
export const wrapPlan = (analysis, wrap) =>
  replaceExports(`({ model_job }, trap) => {
    const plan = (${wrap})(model_job, trap);
    return { model_job: (model, spec) => (spec.analysis === "${analysis}" ? plan : model_job)(model, spec) };
  }`);

/** The same of the steps of its jobs. What takes their place gets the step's number, from 0, after the job. */
export const wrapSteps = (analysis, wrap) =>
  replaceExports(`({ model_job, job_next }, trap) => {
    const next = (${wrap})(job_next, trap);
    const steps = new Map();
    return {
      model_job: (model, spec) => {
        const planned = model_job(model, spec);
        // Where one was, another may stand later.
        if (spec.analysis === "${analysis}") steps.set(planned[0], 0);
        else steps.delete(planned[0]);
        return planned;
      },
      job_next: (job) => {
        const step = steps.get(job);
        if (step === undefined) return job_next(job);
        steps.set(job, step + 1);
        return next(job, step);
      },
    };
  }`);

/** Each step of them after the first, with which the run begins, is so many milliseconds late. */
export const slowSteps = (analysis, ms = 0) =>
  wrapSteps(
    analysis,
    `(call) => async (job, step) => {
      const begun = performance.now();
      const late = () => performance.now() - begun < (self.stepsLate ?? ${ms});
      while (step > 0 && late()) await new Promise((done) => setTimeout(done, 10));
      return call(job);
    }`,
  );

/** Has steps be as late from now on, the one under way as well; for a page with `slowSteps`. */
export const slowDown = (page, ms) => computingWorkers(page)[0].evaluate(`self.stepsLate = ${ms}`);

/** The page's workers but for their helpers, which sleep and answer nobody. */
export const computingWorkers = (page) => page.workers().filter((it) => /\/worker-/.test(it.url()));

const replaceExports = (replacements) => `{
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    let exports;
    let armed = false;
    const trap = () => {
      armed = true;
    };
    for (const functions of Object.values(imports)) {
      for (const [name, call] of Object.entries(functions)) {
        if (typeof call !== "function") continue;
        functions[name] = (...args) => {
          while (armed) exports.__wbindgen_malloc(2 ** 31 - 64, 8);
          return call(...args);
        };
      }
    }
    const { module, instance } = await instantiateStreaming.call(WebAssembly, source, imports);
    exports = instance.exports;
    return { module, instance: { exports: { ...exports, ...(${replacements})(exports, trap) } } };
  };
}`;

/** To be evaluated in the worker: counts the bytes of answers that it has read from the first time on, and says how many. */
export const COUNT_TAKEN = `if (self.taken === undefined) {
  self.taken = 0;
  for (const { prototype } of [ReadableStreamBYOBReader, ReadableStreamDefaultReader]) {
    const { read } = prototype;
    prototype.read = async function (...args) {
      const part = await read.apply(this, args);
      self.taken += part.value?.byteLength ?? 0;
      return part;
    };
  }
}
self.taken`;

/** A GPU that computes with something else than what it was given. */
export const CORRUPT_UPLOADS = `{
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from = 0, size = data.length - from) {
    const copy = new Uint8Array(data.buffer ?? data, (data.byteOffset ?? 0) + from, size).slice();
    // Only what is long enough to be weights: wrong shapes would be another fault.
    if (size >= 4096) copy.fill(0, size / 2);
    return writeBuffer.call(this, buffer, offset, copy);
  };
}`;

/** A GPU that passes over all but the first `self.mostGroups` workgroups in a direction, once that is set. */
export const WRONG_WHEN_LARGE = `{
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
    const most = self.mostGroups ?? Infinity;
    return dispatchWorkgroups.apply(this, groups.map((count) => Math.min(count, most)));
  };
}`;
