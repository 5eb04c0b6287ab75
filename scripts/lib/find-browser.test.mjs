import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { findBrowser, findPair } from "./find-browser.mjs";

const VARIABLES = ["PATH", "CHROME_BIN", "CHROMEDRIVER", "CHROMEWEBDRIVER"];
const WERE = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

// Programs that do nothing but print a version: shell scripts.
describe("browsers and drivers", { skip: process.platform === "win32" }, () => {
  let folder;
  const program = (name, does) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${does}\n`, { mode: 0o755 });
    return path;
  };
  const env = (values) => {
    for (const name of VARIABLES) delete process.env[name];
    Object.assign(process.env, { PATH: folder, ...values });
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "patchbay-"));
    program("google-chrome", "echo Google Chrome 150.0.1.2");
    program("chrome", "echo install the snap >&2; exit 1");
    program("chromium", "echo Chromium 151.0.3.4 built on a system");
    program("chromedriver", "echo 'ChromeDriver 151.0.9.9 (abc)'");
  });
  afterEach(() => {
    for (const name of VARIABLES) {
      if (WERE[name] === undefined) delete process.env[name];
      else process.env[name] = WERE[name];
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  test("the first browser that starts", async () => {
    env();
    assert.equal(await findBrowser(), join(folder, "google-chrome"));
  });

  test("the browser that the driver is made for", async () => {
    env();
    assert.deepEqual(await findPair(), {
      browser: join(folder, "chromium"),
      driver: join(folder, "chromedriver"),
    });
  });

  test("no pair: what there is, by version", async () => {
    env({ CHROME_BIN: join(folder, "google-chrome"), CHROMEDRIVER: "chromedriver" });
    assert.match((await findPair()).problem, /google-chrome \(150\); .*chromedriver \(151\)/);
    env({ CHROME_BIN: "chrome", CHROMEDRIVER: "chromedriver" });
    assert.match((await findPair()).problem, /chrome \(does not start\); /);
  });

  test("a browser that is named and not there", async () => {
    env({ CHROME_BIN: "/no/such/chrome" });
    await assert.rejects(findBrowser(), /CHROME_BIN names \/no\/such\/chrome, which does not exist/);
    await assert.rejects(findPair(), /CHROME_BIN names/);
  });
});
