// The npm package, from its tarball and without a network: its example in Node and in a browser, and what its functions refuse.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { npmBin, ROOT } from "../../scripts/lib/run.mjs";
import { makePackage, npm } from "../../scripts/package.mjs";
import { openStage } from "./stage.mjs";

const stage = openStage();
const run = promisify(execFile);
let top;
let patchbay;
before(async () => {
  top = stage.folder();
  writeFileSync(join(top, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await npm(["install", await makePackage(), "--offline", "--no-audit", "--no-fund", "--silent"], {
    cwd: top,
  });
  patchbay = await import(pathToFileURL(join(top, "node_modules/patchbay/index.js")));
});

const EXAMPLE = "node_modules/patchbay/example";

/** The answer in words, a line for each of four layers, and the end. */
function assertPrinted(lines) {
  assert.match(lines[0], /^Of 16 heads, .* Head \d\.\d brings back most/);
  const rows = lines.slice(1, 5).map((line) => /^layer (\d):((?: +-?\d+\.\d\d){4})$/.exec(line));
  assert.deepEqual(
    rows.map((row) => row?.[1]),
    ["0", "1", "2", "3"],
  );
  assert.equal(lines[5], "done");
  return rows.map(([, , values]) => values.trim().split(/ +/).map(Number));
}

test("its example prints a grid in Node, and the same in a browser from a plain static page", async () => {
  copyFileSync(join(top, EXAMPLE, "example.js"), join(top, "example.js"));
  const { stdout } = await run(process.execPath, ["example.js"], { cwd: top });
  const inNode = assertPrinted(stdout.trim().split("\n"));

  const site = await stage.serve(top, { cors: false });
  const page = await (await stage.newContext()).newPage();
  await page.goto(new URL(`${EXAMPLE}/index.html`, site.url).href);
  await page.getByText("done", { exact: true }).waitFor();
  assert.deepEqual(assertPrinted(await page.locator("pre").allInnerTexts()), inNode);
});

test("a model comes from a folder, from bytes or from an address, and gives the reference's figures", async () => {
  const tiny = join(ROOT, "tests/fixtures/tiny");
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  const bytes = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(join(tiny, name)))]),
  );
  const site = await stage.serve(tiny);
  const expected = JSON.parse(readFileSync(join(tiny, "expected.json"), "utf8")).frozen_ln.conditions;
  const texts = { layer: "2", head: "1", n: "20" };
  for (const source of [tiny, bytes, site.url]) {
    const model = await patchbay.open(source);
    const { result, report } = await model.ask({ analysis: "experiment", texts });
    for (const [name, { mean_diff }] of Object.entries(expected))
      assert.ok(Math.abs(result.conditions[name].mean_diff - mean_diff) < 1e-3, name);
    const [figure] = report.figures;
    assert.match(await patchbay.csv(figure.frame), /^[a-z_,0-9]+\n/);
    model.free();
  }
});

test("its types fit what it does", async () => {
  const lines = [
    'import { MINI, open, type Answer, type PatchResult, type Report } from "patchbay";',
    "const model = await open(MINI, { progress: ({ done }) => void done.toFixed() });",
    'const answer: Answer<PatchResult> = await model.ask({ analysis: "patch" });',
    "const report: Report | null = answer.report;",
    "const [axis] = answer.result.axes;",
    "report?.figures[0]?.frame.axes[0]?.labels.join();",
    "axis?.labels.join();",
    "// @ts-expect-error a question has a name",
    "await model.ask({ texts: {} });",
  ];
  writeFileSync(join(top, "typed.ts"), lines.join("\n"));
  const options = "--noEmit --strict --target esnext --module nodenext --lib esnext,dom typed.ts".split(" ");
  await run(process.execPath, [npmBin("typescript", "tsc"), ...options], { cwd: top }).catch(({ stdout }) =>
    assert.fail(stdout),
  );
});

test("what is wrong is said, the cost is known before, and a signal cancels", async () => {
  const model = await patchbay.open();
  const odd = model.ask({ analysis: "patch", texts: { n: "0" } });
  await assert.rejects(odd, { name: "BadInput", message: /^n: expected a whole number from 1 to 10000/ });
  await assert.rejects(patchbay.open(join(top, "nowhere")), /config\.json/);
  await assert.rejects(patchbay.open({}), /expected the bytes of config\.json/);
  const question = { analysis: "patch", texts: { n: "40", patch_over: "layer,head" } };
  assert.ok(model.cost(question).done > 0);
  const cancel = new AbortController();
  const asked = model.ask(question, {
    signal: cancel.signal,
    progress: () => cancel.abort(new Error("enough")),
  });
  await assert.rejects(asked, /enough/);
  const { result, file } = await model.ask({ analysis: "cache", texts: { n: "2", cache_sites: "z" } });
  assert.ok(file.size > result.bytes && file.size % 8 === 0);
  // The model is whole after it.
  assert.ok((await model.ask({ analysis: "lens", texts: { n: "2" } })).report.answer);
  model.free();
  assert.ok((await patchbay.schemas()).some(({ analysis }) => analysis === "patch"));
});
