// Mounts the page, once the crate has said what can be asked; or one figure, where it is in a frame.

import { render } from "preact";
import { App } from "./app.tsx";
import { isFrame } from "./embed/address.ts";
import { keepSite } from "./offline/keep-site.ts";
import { PANELS } from "./panels/index.ts";
import { open } from "./store/open.ts";
import { panels } from "./store/run.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html: expected an element #app");
panels.value = PANELS;
if (isFrame(location)) {
  // The frame neither keeps the site nor remembers settings: it is a guest in somebody's page.
  const { openFrame } = await import("./embed/index.tsx");
  await openFrame(root);
} else {
  render(<App />, root);
  await open();
  // Last: it must not compete with what the page itself needs.
  void keepSite();
}
