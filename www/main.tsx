// Mounts the page, once the crate has said what can be asked.

import { render } from "preact";
import { App } from "./app.tsx";
import { keepSite } from "./offline/keep-site.ts";
import { open } from "./store/open.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html: expected an element #app");
render(<App />, root);
await open();
// Last: it must not compete with what the page itself needs.
void keepSite();
