import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { findFirefox, findWebkit } from "./find.mjs";

const { PATH, FIREFOX_BIN } = process.env;

describe("other engines", { skip: process.platform !== "linux" }, () => {
  let folder;
  const program = (name, does) => writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "patchbay-"));
    process.env.PATH = folder;
    delete process.env.FIREFOX_BIN;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    if (FIREFOX_BIN !== undefined) process.env.FIREFOX_BIN = FIREFOX_BIN;
    rmSync(folder, { recursive: true });
  });

  test("the first Firefox that starts", async () => {
    assert.equal(await findFirefox(), null);
    program("firefox-esr", "echo install the snap >&2; exit 1");
    assert.equal(await findFirefox(), null);
    program("firefox", "echo Mozilla Firefox 153.0");
    assert.equal(await findFirefox(), join(folder, "firefox"));
  });

  test("a Firefox that is named and not there", async () => {
    process.env.FIREFOX_BIN = "/no/such/firefox";
    await assert.rejects(findFirefox(), /FIREFOX_BIN names \/no\/such\/firefox, which does not exist/);
  });

  test("what of WebKit is missing, by name", () => {
    program("Xvfb", "exit 0");
    const { missing } = findWebkit();
    assert.ok(missing.includes("WebKitWebDriver"));
    assert.ok(!missing.includes("Xvfb"));
  });
});
