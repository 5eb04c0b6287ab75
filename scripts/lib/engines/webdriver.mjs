// A small client of the W3C WebDriver protocol: one session with one window.

/** The key under which the protocol hands out elements. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** What a driver refuses; `code` is the protocol's word for it, as "stale element reference". */
export class Refused extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Opens a session at a driver's address; answers with its commands. */
export async function openSession(address, capabilities) {
  const { sessionId, capabilities: found } = await send("POST", `${address}session`, {
    capabilities: { alwaysMatch: capabilities },
  });
  const here = `${address}session/${sessionId}`;
  const post = (path, body = {}) => send("POST", `${here}/${path}`, body);
  const script = (kind, body, args) => post(`execute/${kind}`, { script: body, args });
  return {
    version: found.browserVersion,
    goTo: (url) => post("url", { url }),
    reload: () => post("refresh"),
    /** What a function gives in the page, or what it promises. As text: the driver would lose the order of keys. */
    async evaluate(work, arg) {
      const { json, error } = await script(
        "async",
        `const [arg, done] = arguments;
         new Promise((value) => value((${work})(arg))).then(
           (value) => done({ json: JSON.stringify(value) ?? "null" }),
           (error) => done({ error: String(error) }),
         );`,
        [arg ?? null],
      );
      if (error) throw new Error(`in the page: ${error}`);
      return JSON.parse(json);
    },
    /** The element that a function gives in the page, or null. In the middle: at an edge what stays in view may cover it. */
    async element(find, arg) {
      const found = await script(
        "sync",
        `const element = (${find})(arguments[0]);
         element?.scrollIntoView({ block: "center" });
         return element;`,
        [arg],
      );
      return found?.[ELEMENT] ?? null;
    },
    click: (element) => post(`element/${element}/click`),
    type: (element, text) => post(`element/${element}/value`, { text }),
    /** Presses these keys together. */
    press(...keys) {
      const [down, up] = ["keyDown", "keyUp"].map((type) => keys.map((value) => ({ type, value })));
      return post("actions", {
        actions: [{ type: "key", id: "keyboard", actions: [...down, ...up.reverse()] }],
      });
    },
    size: (width, height) => post("window/rect", { width, height }),
    scriptTimeout: (ms) => post("timeouts", { script: ms }),
    close: () => send("DELETE", here),
  };
}

async function send(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Refused(value.error, value.message);
  return value;
}
