// What `npm run bench` times in a browser, on the built packages themselves: no worker, no page in between.

/** GPU commands since the page was opened. */
let dispatches = 0;

/**
 * "plain" is the CPU's as in a browser without relaxed SIMD, "threads" the same among up to eight threads; another
 * address makes it a program beside the other.
 */
const ADDRESSES = {
  cpu: "/pkg/cpu/patchbay.js",
  threads: "/pkg/cpu/patchbay.js?threads",
  plain: "/pkg/cpu/patchbay.js?plain",
  gpu: "/pkg/gpu/patchbay.js",
};

const packages = new Map();

async function device(kind) {
  if (!packages.has(kind)) {
    if (kind === "gpu") countDispatches();
    const pkg = await import(ADDRESSES[kind]);
    const { validate } = WebAssembly;
    if (kind === "plain") WebAssembly.validate = () => false;
    await (kind === "threads" ? withThreads(pkg) : pkg.default()).finally(() => {
      WebAssembly.validate = validate;
    });
    packages.set(kind, { pkg, device: kind === "gpu" ? await pkg.Device.gpu() : pkg.Device.cpu() });
  }
  return packages.get(kind);
}

/** As the page has them: what threads.mjs makes of its sources. */
async function withThreads(pkg) {
  const { MOST_THREADS, beginHelpers, shared } = await import("/target/bench/threads/helpers.mjs");
  await pkg.default({ module_or_path: await shared("/pkg/cpu/patchbay_bg.wasm") });
  beginHelpers(pkg);
  const all = Math.min(navigator.hardwareConcurrency, MOST_THREADS);
  while (pkg.threads() < all) await new Promise((next) => setTimeout(next, 10));
}

function countDispatches() {
  const { prototype } = GPUComputePassEncoder;
  for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"]) {
    const plain = prototype[name];
    prototype[name] = function (...args) {
      dispatches++;
      return plain.apply(this, args);
    };
  }
}

/** Each step of a layer: its times in seconds, the first of all by itself, and the GPU commands it takes. */
export async function steps(kind, configJson, rows, repeats) {
  const { pkg, device: on } = await device(kind);
  const layer = new pkg.LayerSteps(on, configJson, rows);
  const timed = [];
  for (const [i, step] of layer.steps().entries()) {
    const [first] = await times(1, () => layer.run(i));
    const before = dispatches;
    await layer.run(i);
    timed.push({
      ...step,
      first,
      dispatches: dispatches - before - 1, // one takes the number that is waited for
      seconds: await times(repeats, () => layer.run(i)),
    });
  }
  layer.free();
  return timed;
}

/** The seconds that each of some calls takes. */
async function times(count, call) {
  const seconds = [];
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    await call();
    seconds.push((performance.now() - begun) / 1000);
  }
  return seconds;
}

let model;

/** Loads a model from a folder on the server; the seconds spent in the wasm. */
export async function load(kind, folder) {
  const { pkg, device: on } = await device(kind);
  model?.free();
  const small = (name) => fetch(`${folder}/${name}`);
  const config = await (await small("config.json")).text();
  const tokenizer = new Uint8Array(await (await small("tokenizer.json")).arrayBuffer());
  const loader = new pkg.ModelLoader(on, config, tokenizer);
  loader.makeRoom();
  const { body } = await fetch(`${folder}/model.safetensors`);
  let seconds = 0;
  for await (const chunk of body) {
    const begun = performance.now();
    loader.push(chunk);
    seconds += (performance.now() - begun) / 1000;
  }
  const begun = performance.now();
  model = await loader.finish();
  return seconds + (performance.now() - begun) / 1000;
}

/** One run of the experiment; with `by` the decomposition of its head's score instead. */
export async function experiment(kind, spec, by) {
  const { pkg } = await device(kind);
  const question =
    by === undefined
      ? { analysis: "experiment", spec: { ...usual(pkg, "experiment"), ...spec } }
      : { analysis: "decompose", spec: { ...usual(pkg, "decompose"), ...spec, decompose_by: by } };
  return timedRun(pkg, question);
}

/** The spec of a form with nothing filled in. */
const usual = (pkg, analysis) => pkg.read(analysis, {}).spec.spec;

/** One question to the loaded model. */
export async function job(kind, question) {
  const { pkg } = await device(kind);
  return timedRun(pkg, question);
}

/** One question's answer, to be held against others', with its seconds. */
export async function answered(question) {
  const begun = performance.now();
  const run = model.job(question);
  while (!(await run.next()).finished);
  const result = run.result();
  const seconds = (performance.now() - begun) / 1000;
  run.free();
  return { seconds, result };
}

/** Seconds in all and by phase, operations, GPU commands, and the wasm's memory. */
async function timedRun(pkg, question) {
  const phases = {};
  const before = dispatches;
  const begun = performance.now();
  const run = model.job(question);
  const work = run.cost();
  let at = begun;
  for (let finished = false; !finished; ) {
    const progress = await run.next();
    const phase = progress.step.replace(/^.*?: /, "").replace(/ \d+$/, "");
    phases[phase] = (phases[phase] ?? 0) + (performance.now() - at) / 1000;
    at = performance.now();
    finished = progress.finished;
  }
  run.free();
  const memory = (await pkg.default()).memory.buffer.byteLength;
  return {
    seconds: (performance.now() - begun) / 1000,
    phases,
    work,
    memory,
    dispatches: dispatches - before,
  };
}
