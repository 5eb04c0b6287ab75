// Firefox, driven over WebDriver BiDi, with the commands that webkit.mjs has too.
import { Failure } from "../run.mjs";
import { findFirefox, findLavapipe } from "./find.mjs";
import { newHome } from "./home.mjs";

/** A busy machine is no defect of the page. */
const PATIENCE_MS = 120_000;

/** A headless Firefox with one window. `webgpu`: with WebGPU on Mesa's software adapter, whatever else the machine has. */
export async function openFirefox({ webgpu = false } = {}) {
  const executablePath = await findFirefox();
  if (executablePath === null) throw new Failure("no Firefox found");
  const { firefox } = await import("playwright-core");
  const home = newHome();
  const browser = await firefox.launch({
    channel: "moz-firefox",
    executablePath,
    firefoxUserPrefs: webgpu ? WEBGPU : {},
    env: { ...process.env, ...home.env, ...(webgpu ? onlyDriver(findLavapipe()) : {}) },
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return {
    name: `Firefox ${browser.version()}`,
    goTo: (url) => page.goto(url),
    reload: () => page.reload(),
    evaluate: (work, arg) => page.evaluate(work, arg),
    click: (role, name) => page.getByRole(role, { name, exact: true }).click(),
    async type(selector, text) {
      await page.locator(selector).selectText();
      await page.keyboard.type(text);
    },
    async paste(selector) {
      await page.locator(selector).focus();
      await page.keyboard.press("Control+V");
    },
    close: () => browser.close().finally(home.remove),
  };
}

const WEBGPU = { "dom.webgpu.enabled": true, "gfx.webgpu.ignore-blocklist": true };

/** The second name is that of old for the first. */
const onlyDriver = (path) => ({ VK_DRIVER_FILES: path, VK_ICD_FILENAMES: path });
