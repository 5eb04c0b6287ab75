// `npm run build`: the crate as WebAssembly, twice (pkg/cpu, pkg/gpu), then the site (dist/). Steps whose sources
// are unchanged are skipped.
//   --only cpu|gpu|site   some of the steps (may be repeated)
//   --no-opt              wasm as the compiler leaves it: larger, quicker to make
//   --sizes               sizes of the wasm files, raw and compressed (brotli 11, as static hosts serve them)
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { capture, Failure, isMain, main, node, npmBin, ROOT, run, say } from "./lib/run.mjs";
import { clearStamp, hashOf, readStamp, sha256, writeStamp } from "./lib/stamp.mjs";
import { checkConstructors } from "./lib/wasm.mjs";
import { setup, WASM_PACK } from "./setup.mjs";

// The first picture waits for the CPU's program, so everything in it is made as small as it gets, but for the kernels,
// where the time goes. That costs two minutes of compiling; of the GPU's program, ten times as much.
const SMALL = {
  "opt-level": '"z"',
  lto: '"fat"',
  "codegen-units": 1,
  "package.burn-flex.opt-level": '"z"',
  "package.macerator.opt-level": '"z"',
  "package.gemm.opt-level": '"z"',
  "package.gemm-common.opt-level": '"z"',
  "package.gemm-f32.opt-level": '"z"',
  "package.pulp.opt-level": '"z"',
  "package.patchbay.opt-level": '"z"',
};
const small = Object.entries(SMALL).flatMap(([key, value]) => [
  "--config",
  `profile.release.${key}=${value}`,
]);
/** Arguments for cargo. */
const VARIANTS = { cpu: small, gpu: ["--features", "gpu"] };
// Higher levels inline: they take minutes, compress worse (the GPU's by an eighth) and make
// the CPU device no faster.
const WASM_OPT = [
  "-O1",
  ...[
    "simd",
    "bulk-memory",
    "nontrapping-float-to-int",
    "sign-ext",
    "mutable-globals",
    "reference-types",
    "multivalue",
  ].map((f) => `--enable-${f}`),
  "--strip-debug",
  "--strip-producers",
];
const WASM_SOURCES = [
  "Cargo.toml",
  "Cargo.lock",
  ".cargo",
  "rust-toolchain.toml",
  "crate/Cargo.toml",
  "crate/src",
  "crate/kernels",
  "scripts/build.mjs",
  "scripts/lib/wasm.mjs",
];
const SITE_SOURCES = ["index.html", "www", "vite.config.ts", "tsconfig.json", "package-lock.json", "pkg"];

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const wasmFile = (variant) => join(ROOT, "pkg", variant, "patchbay_bg.wasm");

async function timed(label, work) {
  const begun = performance.now();
  const note = await work();
  say(`build: ${label} ${((performance.now() - begun) / 1000).toFixed(1)} s${note ? `, ${note}` : ""}`);
}

/** What the wasm is made from besides files: the tools, and what tells cargo how to use them. */
async function toolchain() {
  const settings = Object.entries(process.env)
    .filter(([name]) => /^(RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_(BUILD|PROFILE|TARGET)_.*)$/.test(name))
    .sort();
  return JSON.stringify([await capture("rustc", ["-V"]), WASM_PACK, binaryenVersion(), settings]);
}

const binaryenVersion = () =>
  JSON.parse(readFileSync(join(ROOT, "node_modules/binaryen/package.json"), "utf8")).version;

async function buildWasm(variant, optimise, inputs) {
  const step = `pkg-${variant}`;
  const outputs = [join("pkg", variant)];
  const done = readStamp(step, inputs, outputs);
  if (done?.optimised || (done && !optimise)) return;
  clearStamp(step);
  if (!done) await packWasm(variant, step);
  if (optimise) await optimiseWasm(variant);
  writeStamp(step, inputs, outputs, { optimised: optimise });
}

async function packWasm(variant, step) {
  await timed(`${step}: wasm-pack`, async () => {
    // --mode no-install: with the tools on the PATH, wasm-pack has nothing to download.
    const args = ["build", "crate", "--mode", "no-install", "--release", "--target", "web"];
    args.push("--out-dir", `../pkg/${variant}`, "--no-opt", "--no-pack", "--", ...VARIANTS[variant]);
    await run("wasm-pack", args, { quiet: true });
    return mebibytes(readFileSync(wasmFile(variant)).length);
  });
  checkConstructors(readFileSync(wasmFile(variant)), step);
}

/** wasm-opt takes a minute, so its last output is kept by the hash of what went in. */
async function optimiseWasm(variant) {
  const target = wasmFile(variant);
  const key = sha256(readFileSync(target), binaryenVersion(), ...WASM_OPT).slice(0, 16);
  const folder = join(ROOT, "target", "wasm-opt");
  const kept = join(folder, `${variant}-${key}.wasm`);
  if (!existsSync(kept)) {
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).filter((f) => f.startsWith(`${variant}-`)))
      rmSync(join(folder, old));
    await timed(`pkg-${variant}: wasm-opt`, async () => {
      const part = `${kept}.part`;
      await node(npmBin("binaryen", "wasm-opt"), [target, "-o", part, ...WASM_OPT], { quiet: true });
      renameSync(part, kept); // at once: half a file under this name would be taken for the whole
      return mebibytes(readFileSync(kept).length);
    });
  }
  copyFileSync(kept, target);
}

async function buildSite() {
  const inputs = hashOf(SITE_SOURCES);
  const outputs = ["dist"];
  if (readStamp("site", inputs, outputs)) return;
  clearStamp("site");
  await timed("dist: vite", () => node(npmBin("vite"), ["build", "--logLevel", "warn"], { quiet: true }));
  writeStamp("site", inputs, outputs);
}

function printSizes() {
  for (const variant of Object.keys(VARIANTS)) {
    if (!existsSync(wasmFile(variant))) continue;
    const bytes = readFileSync(wasmFile(variant));
    console.log(
      `${variant}: ${bytes.length} bytes (${mebibytes(bytes.length)}), brotli ${mebibytes(brotliCompressSync(bytes).length)}`,
    );
  }
}

/** @param {{only?: string[], optimise?: boolean}} options */
export async function build({ only = ["cpu", "gpu", "site"], optimise = true } = {}) {
  const variants = Object.keys(VARIANTS).filter((variant) => only.includes(variant));
  if (variants.length > 0) {
    const inputs = sha256(hashOf(WASM_SOURCES), await toolchain());
    for (const variant of variants) await buildWasm(variant, optimise, inputs);
  }
  if (only.includes("site")) await buildSite();
}

if (isMain(import.meta)) {
  main(async () => {
    const { values } = readOptions();
    await setup();
    await build({ only: values.only, optimise: !values["no-opt"] });
    if (values.sizes) printSizes();
  });
}

function readOptions() {
  try {
    const parsed = parseArgs({
      options: {
        only: { type: "string", multiple: true },
        "no-opt": { type: "boolean" },
        sizes: { type: "boolean" },
      },
    });
    const odd = parsed.values.only?.find((step) => !["cpu", "gpu", "site"].includes(step));
    if (odd) throw new Error(`--only ${odd}: expected cpu, gpu or site`);
    return parsed;
  } catch (error) {
    throw new Failure(error.message, 2);
  }
}
