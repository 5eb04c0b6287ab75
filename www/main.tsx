// Mounts the page, once the crate has said what can be asked.

import { render } from "preact";
import { App } from "./app.tsx";
import { keepSite } from "./offline/keep-site.ts";
import { PANELS } from "./panels/index.ts";
import { open } from "./store/open.ts";
import { panels } from "./store/run.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html: expected an element #app");
panels.value = PANELS;
render(<App />, root);
await open();
// Last: it must not compete with what the page itself needs.
void keepSite();
