// The crate's own tests of kernels and of a GPU's failures, which the step "wasm" runs in Chromium on SwiftShader, on another
// adapter and another WebGPU. The long one of whole experiments is not among them: webgpu.test.mjs has an experiment.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserTests } from "../../../scripts/lib/cargo.mjs";
import { builtTests, serveTests } from "../../../scripts/lib/engines/crate-tests.mjs";
import { openFirefox } from "../../../scripts/lib/engines/firefox.mjs";
import { lackOf } from "../../../scripts/setup/engines.mjs";
import { waitFor } from "../page.mjs";

const skip = (await lackOf("lavapipe")) ?? false;

let built;
let browser;
before(async () => {
  if (skip) return;
  built = await builtTests();
  browser = await openFirefox({ webgpu: true });
});
after(() => browser?.close());

for (const name of browserTests().filter((word) => word.startsWith("browser_gpu_"))) {
  test(name, { skip }, async (t) => {
    const page = await serveTests(built[name]);
    t.after(() => page.close());
    await browser.goTo(page.url);
    const said = await waitFor(browser, "the tests' end", () => {
      const said = document.querySelector("#output").textContent;
      return said.includes("test result:") ? said : null;
    });
    assert.match(said, /test result: ok\. [1-9]\d* passed; 0 failed/);
  });
}
