// One program of the crate as WebAssembly: compiled by cargo, and given by wasm-bindgen the JavaScript by which a page calls it.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cargoTarget } from "../lib/cargo.mjs";
import { run, timed } from "../lib/run.mjs";
import { checkConstructors } from "../lib/wasm.mjs";
import { bindgen } from "../setup/wasm-bindgen.mjs";

const TARGET = "wasm32-unknown-unknown";

export const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

/** `label` is what it is called in what is said; `args` are for cargo; all that is in `folder` makes way for it. */
export async function compile(label, args, folder) {
  const cargo = ["build", "--lib", "--package", "patchbay-wasm", "--target", TARGET, ...args];
  const [tool] = await Promise.all([
    bindgen(),
    timed(`${label}: cargo`, () => run("cargo", cargo, { quiet: true })),
  ]);
  const profile = args.includes("--release") ? "release" : "debug";
  const wasm = join(folder, "patchbay_bg.wasm");
  await timed(`${label}: wasm-bindgen`, async () => {
    rmSync(folder, { recursive: true, force: true });
    await run(tool, [join(cargoTarget(), TARGET, profile, "patchbay_wasm.wasm"), folder]);
    return mebibytes(readFileSync(wasm).length);
  });
  checkConstructors(readFileSync(wasm), label);
}
