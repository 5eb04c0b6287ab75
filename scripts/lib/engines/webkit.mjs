// WebKitGTK's MiniBrowser on a display in memory, driven over WebDriver, with the commands that firefox.mjs has too.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Failure } from "../run.mjs";
import { findWebkit } from "./find.mjs";
import { newHome } from "./home.mjs";
import { until } from "./until.mjs";
import { openSession } from "./webdriver.mjs";

/** Where a key has no letter the protocol gives it a code of its own. */
const CONTROL = "\uE009";

/** A WebKitGTK with one window. What it keeps it forgets at its end, as with automation it always does. */
export async function openWebkit() {
  const { driver, browser, display, missing } = findWebkit();
  if (missing) throw new Failure(`no ${missing.join(", no ")}`);
  const machine = openMachine();
  try {
    const screen = machine.start(display, [
      "-displayfd",
      "3",
      "-screen",
      "0",
      "1280x900x24",
      "-nolisten",
      "tcp",
    ]);
    const [number] = await once(screen.stdio[3], "data");
    const port = await freePort();
    machine.start(driver, [`--port=${port}`], { DISPLAY: `:${String(number).trim()}` });
    const address = `http://127.0.0.1:${port}/`;
    await until("WebKitWebDriver", async () => (await fetch(`${address}status`)).ok);
    const session = await openSession(address, {
      "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
    });
    return { ...commands(session), close: () => session.close().finally(machine.stop) };
  } catch (error) {
    machine.stop();
    throw error;
  }
}

function commands(session) {
  /** A click may come while the page moves what is clicked. */
  const click = (what, find, arg) =>
    until(what, async () => {
      const element = await session.element(find, arg);
      if (element !== null) await session.click(element);
      return element;
    });
  const focus = (selector) => click(selector, (selector) => document.querySelector(selector), selector);
  return {
    name: `WebKitGTK ${session.version}`,
    goTo: session.goTo,
    reload: session.reload,
    evaluate: session.evaluate,
    click: (role, name) => click(`the ${role} "${name}"`, byRole, { role, name }),
    async type(selector, text) {
      const element = await focus(selector);
      await session.press(CONTROL, "a");
      await session.type(element, text);
    },
    async paste(selector) {
      await focus(selector);
      await session.press(CONTROL, "v");
    },
  };
}

/** In the page: what is there to be pressed under this name. */
function byRole({ role, name }) {
  const tags = { button: "button", link: "a[href]" };
  const all = [...document.querySelectorAll(`${tags[role]}, [role="${role}"]`)];
  const nameOf = (it) => (it.getAttribute("aria-label") ?? it.textContent).trim();
  return all.find((it) => it.checkVisibility() && nameOf(it) === name);
}

/** Programs with a home of their own, all of which end when it stops, or when this process does. */
function openMachine() {
  const home = newHome();
  const groups = [];
  const stop = () => {
    for (const { pid } of groups.splice(0).reverse()) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    home.remove();
  };
  process.once("exit", stop);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  return {
    stop,
    start(program, args, env = {}) {
      const child = spawn(program, args, {
        // As the leader of a group: a driver's browser is in it, and that one's own processes.
        detached: true,
        stdio: ["ignore", "ignore", "ignore", "pipe"],
        env: { ...process.env, ...home.env, ...env },
      });
      groups.push(child);
      return child;
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
