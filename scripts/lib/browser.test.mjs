// The features that are switched off in the browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { FEATURES_OFF } from "./browser.mjs";

test("all that Playwright switches off stays off", () => {
  const bundle = createRequire(import.meta.url).resolve("playwright-core/lib/coreBundle");
  const [, list] = /\bdisabledFeatures = (\[[^\]]*\])/.exec(readFileSync(bundle, "utf8")) ?? [];
  const theirs = [...(list ?? "").replace(/\/\/.*/g, "").matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.ok(theirs.length > 10, "Playwright's list is not where it was");
  assert.deepEqual(
    theirs.filter((name) => !FEATURES_OFF.includes(name)),
    [],
  );
});
