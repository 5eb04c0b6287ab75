// One program of the crate as WebAssembly: compiled by cargo, and given by wasm-bindgen the JavaScript by which a page calls it.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BROWSER_TARGET, cargoTarget } from "../lib/cargo.mjs";
import { run, timed } from "../lib/run.mjs";
import { checkConstructors } from "../lib/wasm.mjs";
import { bindgen } from "../setup/wasm-bindgen.mjs";

export const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

/**
 * `label` is what it is called in what is said; `profile` is cargo's, and `args` are for cargo too; all that is in `folder` makes
 * way for it.
 */
export async function compile(label, profile, args, folder) {
  const how = ["--package", "patchbay-wasm", "--target", BROWSER_TARGET, "--profile", profile];
  const cargo = ["build", "--lib", ...how, ...args];
  const [tool] = await Promise.all([
    bindgen(),
    timed(`${label}: cargo`, () => run("cargo", cargo, { quiet: true })),
  ]);
  const made = join(cargoTarget(), BROWSER_TARGET, profile === "dev" ? "debug" : profile);
  const wasm = join(folder, "patchbay_bg.wasm");
  await timed(`${label}: wasm-bindgen`, async () => {
    rmSync(folder, { recursive: true, force: true });
    await run(tool, [join(made, "patchbay_wasm.wasm"), folder]);
    return mebibytes(readFileSync(wasm).length);
  });
  checkConstructors(readFileSync(wasm), label);
}
