// `npm run bench`: how fast the experiment is here, natively and in a browser tab, and how close to what the machine can
// do. Prints tables; with --json one object. On a busy machine only ratios within one run mean something.
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { measurePeers } from "./bench/peers/peers.mjs";
import { peersRows } from "./bench/peers/table.mjs";
import { makeThreadScripts } from "./bench/threads.mjs";
import { build } from "./build.mjs";
import { rows } from "./lib/bench-table.mjs";
import { launch } from "./lib/browser.mjs";
import { capture, Failure, main, ROOT, run, say } from "./lib/run.mjs";
import { serve } from "./lib/serve.mjs";
import { setup } from "./setup.mjs";

const USAGE = `npm run bench [-- options]
  --json         print one JSON object
  --repeats N    how often each thing is timed (3)
  --n A,B,…      numbers of prompts (10,50,150,500)
  --device cpu   leave WebGPU out
  --no-build     time what is built already
  --peers        instead of all that, the same work by other libraries beside ours: ONNX Runtime Web and transformers.js
                 in a tab, TransformerLens and nnsight natively (installed into target/peers and target/python, 6 GB)
  --peers-n N    their number of prompts (10)`;

/** Where the random weights are kept. */
const CHECKPOINT = "target/bench";
/** Row counts of the products; on the software GPU fewer, for time. */
const ROWS = { cpu: 256, threads: 256, gpu: 64 };

main(async () => {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  if (![undefined, "cpu"].includes(options.device))
    throw new Failure(`--device: expected cpu, found "${options.device}"`, 2);
  const repeats = whole("repeats", options.repeats);
  const counts = options.n.split(",").map((n) => whole("n", n));
  const peersCount = whole("peers-n", options["peers-n"]);
  await setup({ rust: true, browser: true });
  if (!options["no-build"]) await build();
  await run("cargo", ["build", "--release", "--locked", "--package", "patchbay"], { quiet: true });
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  const command = resolve(ROOT, target, "release", "patchbay");

  if (options.peers) {
    await madeCheckpoint(command);
    const peers = await measurePeers({ command, checkpoint: CHECKPOINT, repeats, n: peersCount });
    const measured = { ...here(), peers };
    return console.log(options.json ? JSON.stringify(measured) : peersRows(measured));
  }
  say("native");
  const native = await capture(command, ["bench", "--json", "--repeats", `${repeats}`, "-n", counts.join()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (native === null) throw new Failure("`patchbay bench` failed, see above");
  await madeCheckpoint(command);
  const measured = {
    ...here(),
    sizes: sizes(),
    first_result: await firstResult(repeats),
    native: JSON.parse(native),
    cpu: await inBrowser("cpu", { counts, repeats }),
    threads: await inBrowser("threads", { counts, repeats }),
    gpu: options.device === "cpu" ? null : await inBrowser("gpu", { counts: [], repeats }),
  };
  console.log(options.json ? JSON.stringify(measured) : rows(measured));
});

async function madeCheckpoint(command) {
  if (!existsSync(join(ROOT, CHECKPOINT, "model.safetensors")))
    await run(command, ["bench", "--checkpoint", join(ROOT, CHECKPOINT)], { quiet: true });
}

const here = () => ({
  date: new Date().toISOString().slice(0, 10),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length },
});

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean" },
        repeats: { type: "string", default: "3" },
        n: { type: "string", default: "10,50,150,500" },
        device: { type: "string" },
        "no-build": { type: "boolean" },
        peers: { type: "boolean" },
        "peers-n": { type: "string", default: "10" },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new Failure(error.message, 2);
  }
}

function whole(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Failure(`--${name}: expected whole numbers from 1, found "${text}"`, 2);
  return value;
}

/** Bytes of the two programs, raw and as a server that compresses sends them. */
function sizes() {
  const size = (kind) => {
    const wasm = readFileSync(join(ROOT, "pkg", kind, "patchbay_bg.wasm"));
    return { raw: wasm.length, brotli: brotliCompressSync(wasm).length };
  };
  return { cpu: size("cpu"), gpu: size("gpu") };
}

/** Seconds from opening the page, with nothing kept, to the result of the bundled model. */
async function firstResult(repeats) {
  say("first result");
  const site = await serve(join(ROOT, "dist"));
  const browser = await launch();
  try {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(site.url);
      await page.waitForFunction(() => document.documentElement.dataset.state === "done");
      seconds.push((await page.evaluate(() => performance.now())) / 1000);
      await context.close();
    }
    return seconds;
  } finally {
    await browser.close();
    await site.close();
  }
}

async function inBrowser(kind, { counts, repeats }) {
  say(`in the browser, ${kind}`);
  if (kind === "threads") await makeThreadScripts();
  const server = await serve(ROOT);
  const browser = await launch({ webgpu: kind === "gpu" });
  try {
    const page = await browser.newPage();
    await page.goto(new URL("scripts/bench/page.html", server.url).href);
    const call = (name, ...args) =>
      page.evaluate(
        async ([name, args]) => (await import("/scripts/bench/page.mjs"))[name](...args),
        [name, args],
      );
    const config = readFileSync(join(ROOT, CHECKPOINT, "config.json"), "utf8");
    const stepsOn = (on) => call("steps", on, config, ROWS[kind], kind === "gpu" ? repeats : 10 * repeats);
    const steps = await stepsOn(kind);
    const plain = kind === "cpu" ? await stepsOn("plain") : null;
    const timed = async (...args) => {
      const runs = [];
      for (let i = 0; i < repeats; i++) runs.push(await call("experiment", kind, ...args));
      return runs;
    };
    const runs = async (specs) => {
      const all = [];
      for (const spec of specs) all.push({ n: spec.dataset.n, runs: await timed(spec) });
      return all;
    };
    const dataset = { seed: 42, symmetric: true, prompt_type: "mixed", prepend_bos: true };
    const of = (n, layer, head) => ({ layer, head, dataset: { ...dataset, n } });
    const load = counts.length > 0 ? await call("load", kind, `/${CHECKPOINT}`) : null;
    const experiments = await runs(counts.map((n) => of(n, 10, 7)));
    const decompositions = [];
    for (const n of kind === "threads" ? [] : counts.filter((n) => n <= MOST_DECOMPOSED).slice(-1))
      for (const by of ["keys", "queries", "both"])
        decompositions.push({ n, by, runs: await timed(of(n, 10, 7), by) });
    const grids = [];
    for (const { name, n, analysis, corruption, spec } of counts.length > 0 ? GRIDS : []) {
      const task = { task: "ioi", dataset: { ...dataset, n }, corruption };
      const timed = [];
      for (let i = 0; i < repeats; i++)
        timed.push(await call("job", kind, { analysis, spec: { ...spec, task } }));
      grids.push({ name, n, runs: timed });
    }
    await call("load", kind, "/www/public/models/ioi-mini");
    const growth = await runs(GROWTH[kind].map((n) => of(n, 1, 0)));
    return { steps, plain, load, experiments, decompositions, grids, growth };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** One number of prompts is decomposed: the largest up to the notebook's. */
const MOST_DECOMPOSED = 150;

const FLIP = "ABB -> ABA, BAB -> BAA";

/** Many edited runs on GPT-2 small's shape. */
const GRIDS = [
  {
    name: "z at END, layer × head",
    n: 50,
    analysis: "patch",
    corruption: FLIP,
    spec: { site: "z", over: ["layer", "head"], at: "END", direction: "noise" },
  },
  {
    name: "resid_pre, layer × role",
    n: 20,
    analysis: "patch",
    corruption: FLIP,
    spec: { site: "resid_pre", over: ["layer", "role"], direction: "noise" },
  },
  {
    name: "paths to the logits",
    n: 20,
    analysis: "paths",
    corruption: "abc",
    spec: { receivers: ["logits"] },
  },
  { name: "paths to 9.9.q", n: 20, analysis: "paths", corruption: "abc", spec: { receivers: ["9.9.q"] } },
  { name: "paths to 5.5.k", n: 20, analysis: "paths", corruption: "abc", spec: { receivers: ["5.5.k"] } },
  {
    name: "circuit, 26 heads examined",
    n: 20,
    analysis: "circuit",
    corruption: "abc",
    spec: { keep: { preset: "ioi" }, examine: true },
  },
];

/** Numbers of prompts on the bundled model. */
const GROWTH = { cpu: [1000, 2000, 5000, 10000], threads: [], gpu: [20] };
