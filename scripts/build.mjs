// `npm run build`: the crate as WebAssembly, twice (pkg/cpu, pkg/gpu), then the site (dist/). Steps whose sources
// are unchanged are skipped.
//   --only cpu|gpu|site   some of the steps (may be repeated)
//   --no-opt              wasm as the compiler leaves it: larger, quicker to make
//   --sizes               sizes of the wasm files, raw and compressed (brotli 11, as static hosts serve them)
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { mebibytes } from "./build/compile.mjs";
import { buildPrograms, KINDS, wasmFile } from "./build/programs.mjs";
import { buildSite } from "./build/site.mjs";
import { Failure, isMain, main } from "./lib/run.mjs";
import { nodeModules } from "./setup/node-modules.mjs";

const STEPS = [...KINDS, "site"];

/**
 * What it needs it gets, beside the compiler where that can be.
 * @param {{only?: string[], optimise?: boolean}} options
 */
export async function build({ only = STEPS, optimise = true } = {}) {
  const kinds = KINDS.filter((kind) => only.includes(kind));
  await Promise.all([nodeModules(), kinds.length > 0 && buildPrograms(kinds, optimise)]);
  if (only.includes("site")) await buildSite();
}

if (isMain(import.meta)) {
  main(async () => {
    const { values } = readOptions();
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
    const odd = parsed.values.only?.find((step) => !STEPS.includes(step));
    if (odd) throw new Error(`--only ${odd}: expected cpu, gpu or site`);
    return parsed;
  } catch (error) {
    throw new Failure(error.message, 2);
  }
}

function printSizes() {
  for (const kind of KINDS.filter((kind) => existsSync(wasmFile(kind)))) {
    const bytes = readFileSync(wasmFile(kind));
    console.log(
      `${kind}: ${bytes.length} bytes (${mebibytes(bytes.length)}), brotli ${mebibytes(brotliCompressSync(bytes).length)}`,
    );
  }
}
