// The tables of `npm run bench`, in Markdown, as BENCHMARKS.md has them.

/** The middle one, the least and the most. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
}

/** Least squares: y = start + slope · x, and the share of y's variance that it explains. */
export function lineThrough(points) {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => (p[0] - x) ** 2);
  const start = y - slope * x;
  const left = mean((p) => (p[1] - start - slope * p[0]) ** 2);
  return { start, slope, r2: 1 - left / mean((p) => (p[1] - y) ** 2) };
}

/** Everything that was measured. */
export function rows({ date, machine, sizes, first_result, native, cpu, threads, gpu }) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  return [
    `${date}, ${machine.cpu}, ${machine.cores} cores. Median (least to most).`,
    table(
      ["program", "raw", "brotli"],
      Object.entries(sizes).map(([kind, { raw, brotli }]) => [`pkg/${kind}`, mb(raw), mb(brotli)]),
    ),
    `From opening the page to the bundled model's result: ${seconds(first_result)}.`,
    "GPT-2 small's shape, one head (10.7):",
    table(
      ["where", "prompts", "time", "TFLOP", "of needed", "GFLOP/s", "of peak"],
      [
        ...native.experiments.map((it) => experiment("native, all cores", it.n, it.time, it.work)),
        ...cpu.experiments.map(({ n, runs }) =>
          experiment(
            "tab, one thread",
            n,
            spread(runs.map((run) => run.seconds)),
            runs[0].work,
            peak(cpu.steps),
          ),
        ),
        ...threads.experiments.map(({ n, runs }) =>
          experiment("tab, all cores", n, spread(runs.map((run) => run.seconds)), runs[0].work),
        ),
      ],
    ),
    "The head's score taken apart, in a tab:",
    decompositions(cpu),
    "Grids of edits, in a tab; planned is the time that their operations take at the speed of a layer's products:",
    grids(cpu),
    "The same on all cores:",
    grids(threads),
    `Load, without the network: native ${native.seconds_to_load.toFixed(1)} s, tab ${cpu.load.toFixed(1)} s. Peak memory: native ${mb(native.peak_memory_bytes ?? 0)}, wasm ${mb(Math.max(...cpu.experiments.flatMap(({ runs }) => runs.map((run) => run.memory))))}.`,
    phases(cpu.experiments.at(-1)),
    "A layer's steps in a tab on the CPU:",
    steps(cpu.steps),
    "The same on all cores:",
    steps(threads.steps),
    "The same on one, in a browser without relaxed SIMD:",
    steps(cpu.plain),
    "The same natively:",
    steps(
      native.steps.map((step) => ({ ...step, seconds: [step.time.least, step.time.median, step.time.most] })),
    ),
    ...(gpu ? onGpu(gpu) : []),
    "Growth, the bundled model in a tab:",
    growth(cpu.growth),
  ].join("\n\n");
}

function onGpu(gpu) {
  const first = gpu.steps.slice(0, 5).reduce((sum, step) => sum + step.first, 0);
  return [
    "The same on WebGPU, a software adapter:",
    steps(gpu.steps, true),
    `GPU commands a block: ${block(gpu.steps)}. First use of its kernels: ${shown(first)}.`,
  ];
}

/** The five steps that a block has. */
const block = (steps) => steps.slice(0, 5).reduce((sum, step) => sum + step.dispatches, 0);

/** The most that one thread did. */
const peak = (steps) => {
  const step = steps.at(-1);
  return step.flops / Math.min(...step.seconds);
};

export const shown = (value) => (value < 0.1 ? `${(1e3 * value).toFixed(2)} ms` : `${value.toFixed(2)} s`);

export function seconds(values) {
  const { median, least, most } = spread(values);
  return `${shown(median)} (${shown(least)} to ${shown(most)})`;
}

function experiment(where, n, time, work, peak) {
  const speed = work.done / time.median;
  return [
    where,
    n,
    seconds([time.least, time.median, time.most]),
    (work.done / 1e12).toFixed(3),
    `${Math.round((100 * work.done) / work.needed)} %`,
    (speed / 1e9).toFixed(1),
    peak ? `${Math.round((100 * speed) / peak)} %` : "",
  ];
}

function steps(all, gpu = false) {
  return table(
    ["step", "shape", "time", "GFLOP/s", ...(gpu ? ["first use", "GPU commands"] : [])],
    all.map((step) => [
      step.name,
      step.shape.join(" × "),
      seconds(step.seconds),
      (step.flops / spread(step.seconds).median / 1e9).toFixed(1),
      ...(gpu ? [shown(step.first), step.dispatches] : []),
    ]),
  );
}

function decompositions({ decompositions, experiments }) {
  const median = (runs) => spread(runs.map((run) => run.seconds)).median;
  return table(
    ["by", "prompts", "time", "of the experiment's", "wasm's memory"],
    decompositions.map(({ n, by, runs }) => [
      by,
      n,
      seconds(runs.map((run) => run.seconds)),
      (median(runs) / median(experiments.find((it) => it.n === n).runs)).toFixed(2),
      `${(Math.max(...runs.map((run) => run.memory)) / 1e6).toFixed(0)} MB`,
    ]),
  );
}

function grids({ grids, steps }) {
  // The four steps of a layer that are products; the second is attention.
  const products = steps.slice(0, 5).filter((_, i) => i !== 1);
  const sum = (of) => products.reduce((sum, step) => sum + of(step), 0);
  const speed = sum((step) => step.flops) / sum((step) => spread(step.seconds).median);
  return table(
    ["grid", "prompts", "time", "TFLOP", "GFLOP/s", "of planned", "run by run, TFLOP"],
    grids.map(({ name, n, runs }) => {
      const { done, needed } = runs[0].work;
      const { median } = spread(runs.map((run) => run.seconds));
      return [
        name,
        n,
        seconds(runs.map((run) => run.seconds)),
        (done / 1e12).toFixed(3),
        (done / median / 1e9).toFixed(1),
        (median / (done / speed)).toFixed(2),
        (needed / 1e12).toFixed(2),
      ];
    }),
  );
}

function phases({ n, runs }) {
  const { phases, seconds } = runs.at(-1);
  const parts = Object.entries(phases).map(
    ([phase, time]) => `${phase} ${Math.round((100 * time) / seconds)} %`,
  );
  return `Where the tab's ${n} prompts spend it: ${parts.join(", ")}.`;
}

function growth(all) {
  const points = all.flatMap(({ n, runs }) => runs.map((run) => [n, run.seconds]));
  const { start, slope, r2 } = lineThrough(points);
  return [
    table(
      ["prompts", "time", "wasm's memory"],
      all.map(({ n, runs }) => [
        n,
        seconds(runs.map((run) => run.seconds)),
        `${(Math.max(...runs.map((run) => run.memory)) / 1e6).toFixed(0)} MB`,
      ]),
    ),
    `Fit: ${(1e3 * start).toFixed(0)} ms and ${(1e3 * slope).toFixed(3)} ms a prompt, R² ${r2.toFixed(4)}.`,
  ].join("\n\n");
}

export function table(head, body) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
