import assert from "node:assert/strict";
import { test } from "node:test";
import { isOlder } from "../setup/rust.mjs";

test("versions of rustc", () => {
  const rustc = "rustc 1.95.0 (59807616e 2026-04-14)";
  assert.equal(isOlder(rustc, "1.95"), false);
  assert.equal(isOlder(rustc, "1.96"), true);
  assert.equal(isOlder(rustc, "1.100"), true);
  assert.equal(isOlder("rustc 2.0.0", "1.95"), false);
  assert.equal(isOlder("rustc 1.97.0-nightly (abc)", "1.95"), false);
  assert.equal(isOlder(null, "1.95"), true);
});
