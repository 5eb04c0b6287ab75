// Which heads bring the answer back, where they are patched? In Node: node example.js. In a browser: index.html beside it.
import { open } from "patchbay";

const say = globalThis.document
  ? (line) => document.body.append(Object.assign(document.createElement("pre"), { textContent: line }))
  : console.log;

const model = await open(); // the toy model that comes with the package
const question = { analysis: "patch", texts: { patch_site: "z", patch_over: "layer,head", n: "10" } };
const { report, result } = await model.ask(question);

say(report.answer);
const [layers] = result.axes;
for (const [layer, values] of result.values.entries())
  say(`layer ${layers.labels[layer]}: ${values.map((value) => value.toFixed(2).padStart(6)).join(" ")}`);
model.free();
say("done");
