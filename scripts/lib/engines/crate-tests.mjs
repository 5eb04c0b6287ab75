// The crate's own browser tests, for a browser of ours: wasm-bindgen's runner makes a page of each, which a browser only opens.
import { spawn } from "node:child_process";
import { browserTests } from "../cargo.mjs";
import { capture, environment, run } from "../run.mjs";
import { newHome } from "./home.mjs";

/** Builds them as the step "wasm" does; answers with a wasm file for each, by name. */
export async function builtTests() {
  const args = ["test", "--no-run", ...browserTests()];
  await run("cargo", args, { quiet: true });
  const built = await capture("cargo", [...args, "--message-format=json"]);
  const found = built.split("\n").map((line) => JSON.parse(line));
  return Object.fromEntries(
    found.filter(({ executable }) => executable).map(({ target, executable }) => [target.name, executable]),
  );
}

/** Serves the page of a file's tests. */
export async function serveTests(file) {
  const home = newHome();
  const runner = spawn("wasm-bindgen-test-runner", [file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment({ TMPDIR: home.env.HOME, NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" }),
  });
  const url = await new Promise((found, failed) => {
    let said = "";
    runner.stdout.on("data", (text) => {
      said += text;
      const address = /available at (http:\S+)/.exec(said)?.[1];
      if (address) found(address);
    });
    runner.once("close", () => failed(new Error(`wasm-bindgen-test-runner ended: ${said}`)));
    runner.once("error", failed);
  });
  return {
    url,
    async close() {
      const ended = new Promise((done) => runner.once("close", done));
      runner.kill();
      await ended;
      home.remove();
    },
  };
}
