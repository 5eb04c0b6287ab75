// The crate as WebAssembly, in pkg/cpu and pkg/gpu: compiled for use, and made smaller by wasm-opt. Steps whose sources are
// unchanged are skipped.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BROWSER_PROFILE } from "../lib/cargo.mjs";
import { capture, node, npmBin, ROOT, timed } from "../lib/run.mjs";
import { clearStamp, hashOf, readStamp, sha256, writeStamp } from "../lib/stamp.mjs";
import { nodeModules } from "../setup/node-modules.mjs";
import { rustToolchain } from "../setup/rust.mjs";
import { compile, mebibytes } from "./compile.mjs";

// The first picture waits for the CPU's program, so that all of it is compiled at once, which costs two minutes; the GPU's would
// take ten times as long.
const AT_ONCE = {
  lto: '"fat"',
  "codegen-units": 1,
  // What links the program decides whether vectors are made in it at all; what is small stays small.
  "package.patchbay-wasm.opt-level": 3,
};
const atOnce = Object.entries(AT_ONCE).flatMap(([key, value]) => [
  "--config",
  `profile.${BROWSER_PROFILE}.${key}=${value}`,
]);
/** Arguments for cargo. */
const PROGRAMS = { cpu: atOnce, gpu: ["--features", "gpu"] };
export const KINDS = Object.keys(PROGRAMS);
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
const SOURCES = [
  "Cargo.toml",
  "Cargo.lock",
  ".cargo",
  "rust-toolchain.toml",
  "crate/Cargo.toml",
  "crate/src",
  "crate/kernels",
  "crate/wasm",
  "scripts/bindgen/Cargo.lock",
  "scripts/bindgen/src",
  "scripts/build/compile.mjs",
  "scripts/build/programs.mjs",
  "scripts/lib/cargo.mjs",
  "scripts/lib/wasm.mjs",
];

const folder = (kind) => join(ROOT, "pkg", kind);
export const wasmFile = (kind) => join(folder(kind), "patchbay_bg.wasm");
const step = (kind) => `pkg-${kind}`;
const outputs = (kind) => [join("pkg", kind)];

/** One after the other is compiled; while one is, the one before is made smaller. */
export async function buildPrograms(kinds, optimised) {
  const inputs = await inputsHash();
  const next = async ([kind, ...rest]) => {
    if (kind === undefined) return;
    if (readStamp(step(kind), inputs, outputs(kind)) === null) {
      clearStamp(step(kind));
      await compile(step(kind), BROWSER_PROFILE, PROGRAMS[kind], folder(kind));
      writeStamp(step(kind), inputs, outputs(kind), { optimised: false });
    }
    await Promise.all([optimised && optimise(kind, inputs), next(rest)]);
  };
  await next(kinds);
}

/** Whether it is there as these sources make it, and as small as it gets. */
export async function isBuilt(kind) {
  return readStamp(step(kind), await inputsHash(), outputs(kind))?.optimised === true;
}

/** What they are made from: files, tools, and what tells cargo how to use them. */
async function inputsHash() {
  await rustToolchain();
  const settings = Object.entries(process.env)
    .filter(([name]) => /^(RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_(BUILD|PROFILE|TARGET)_.*)$/.test(name))
    .sort();
  const tools = [await capture("rustc", ["-V"]), binaryenVersion(), settings];
  return sha256(hashOf(SOURCES), JSON.stringify(tools));
}

/** Of the lock file, since node_modules may be on its way. */
const binaryenVersion = () =>
  JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages["node_modules/binaryen"].version;

/** wasm-opt takes a minute, so its last output is kept by the hash of what went in. */
async function optimise(kind, inputs) {
  if (readStamp(step(kind), inputs, outputs(kind)).optimised) return;
  const target = wasmFile(kind);
  const key = sha256(readFileSync(target), binaryenVersion(), ...WASM_OPT).slice(0, 16);
  const all = join(ROOT, "target", "wasm-opt");
  const kept = join(all, `${kind}-${key}.wasm`);
  if (!existsSync(kept)) {
    mkdirSync(all, { recursive: true });
    for (const old of readdirSync(all).filter((f) => f.startsWith(`${kind}-`))) rmSync(join(all, old));
    await nodeModules();
    await timed(`${step(kind)}: wasm-opt`, async () => {
      const part = `${kept}.part`;
      await node(npmBin("binaryen", "wasm-opt"), [target, "-o", part, ...WASM_OPT], { quiet: true });
      renameSync(part, kept); // at once: half a file under this name would be taken for the whole
      return mebibytes(readFileSync(kept).length);
    });
  }
  clearStamp(step(kind));
  copyFileSync(kept, target);
  writeStamp(step(kind), inputs, outputs(kind), { optimised: true });
}
