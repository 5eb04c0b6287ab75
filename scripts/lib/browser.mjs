// How the system's browser is started for tests and the headless command.
import { findBrowser } from "./find-browser.mjs";
import { Failure } from "./run.mjs";

export function browserArgs({ webgpu = false } = {}) {
  return [
    // Chromium refuses to run as root inside its sandbox; containers mostly run as root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // SwiftShader: the software adapter, the same on every machine.
    ...(webgpu ? ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] : []),
  ];
}

/** What Playwright switches off: the browser heeds one such list only, the last, which is ours. */
const PLAYWRIGHT_OFF = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "DialMediaRouteProvider",
  "GlobalMediaControls",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "BlockOriginHeaderModificationOnRedirect",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "Translate",
  "AutoDeElevate",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "msForceBrowserSignIn",
  "msEdgeUpdateLaunchServicesPreferredVersion",
];
/** The address bar's suggestions, which are pages of their own: 0.8 s of a processor for each tab that is opened. */
const OMNIBOX_PAGES = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];

/** For a browser that Playwright starts. */
export const FEATURES_OFF = [...PLAYWRIGHT_OFF, ...OMNIBOX_PAGES];

/** A headless browser (Playwright's Browser). Without `webgpu` it is as plain headless Chromium: navigator.gpu without an adapter. */
export function launch(options) {
  return begin(options, (chromium, all) => chromium.launch(all));
}

/** The same with a profile in this folder (Playwright's BrowserContext): files that pages keep are on the disk, not in memory. */
export function launchProfile(folder, options) {
  return begin(options, (chromium, all) => chromium.launchPersistentContext(folder, all));
}

async function begin({ webgpu = false, args = [], ...options } = {}, how) {
  const executablePath = await findBrowser();
  if (!executablePath)
    throw new Failure("no Chrome or Chromium found: install one, or name it in CHROME_BIN");
  const { chromium } = await import("playwright-core");
  const all = [...browserArgs({ webgpu }), `--disable-features=${FEATURES_OFF.join()}`, ...args];
  try {
    return await how(chromium, { executablePath, args: all, ...options });
  } catch (error) {
    throw new Failure(`the browser at ${executablePath} did not start: ${whyNot(error.message)}`);
  }
}

/** One line of Playwright's many: the browser's own last words, where it had any. */
function whyNot(message) {
  const lines = message.split("\n");
  const said = lines.map((line) => /\[pid=\d+\]\[err\] (.*\S)/.exec(line)?.[1]).filter(Boolean);
  return (
    said.find((line) => /cannot|fatal|bad option|sandbox/i.test(line)) ?? said.at(-1) ?? firstLine(message)
  );
}

const firstLine = (message) => message.split("\n")[0].replace(/^\w+\.\w+: /, "");

/** What went wrong in a page, in a line where it is the browser's doing; any other error as it is. */
export function pageFailure(error) {
  if (error instanceof Failure) return error;
  if (/Target crashed|Page crashed/.test(error.message))
    return new Failure("the page crashed (out of memory?)");
  if (/Target (page, context or browser has been )?closed|Browser closed/.test(error.message))
    return new Failure("the browser ended in the middle of it (killed, or out of memory?)");
  // Playwright's own errors begin with the call that failed, e.g. "page.goto: net::ERR_…".
  if (/^[a-zA-Z]+\.[a-zA-Z]+: /.test(error.message)) return new Failure(error.message.split("\n")[0]);
  return error;
}
