// `npm run bench -- --peers`: the same work by other libraries, in one run with ours.
import { join } from "node:path";
import { capture, Failure, ROOT } from "../../lib/run.mjs";
import { natively } from "./native.mjs";
import { setupPeers } from "./setup.mjs";
import { inTab } from "./tab.mjs";

const FLIP = "ABB -> ABA, BAB -> BAA";
/** 60 edited runs of every prompt, so that a library that does each by itself is through in a minute. */
const GRID = { site: "resid_pre", over: ["layer", "role"], direction: "noise" };

/** The names of the questions that the native peers are asked, and ours in a tab. */
const EXPERIMENT = "experiment, head 10.7";
const EDITS = "resid_pre patched, layer × role";

export async function measurePeers({ command, checkpoint, repeats, n }) {
  const { python, versions } = await setupPeers(checkpoint);
  const task = ["--task", "ioi", "--corruption", FLIP, "-n", `${n}`];
  const model = ["--model", join(ROOT, checkpoint)];
  const printed = await capture(command, ["task", ...task, ...model, "--json"]);
  if (printed === null) throw new Failure("`patchbay task` failed");
  const examples = JSON.parse(printed);
  const tab = await inTab({
    checkpoint,
    examples,
    repeats,
    questions: {
      [EXPERIMENT]: ["experiment", { layer: 10, head: 7, dataset: examples.spec.dataset }],
      [EDITS]: ["job", { analysis: "patch", spec: { ...GRID, task: examples.spec } }],
    },
  });
  const native = await natively({
    command,
    checkpoint,
    python,
    repeats,
    questions: {
      [EXPERIMENT]: ["run", "--layer", "10", "--head", "7", "-n", `${n}`],
      [EDITS]: [
        "patch",
        "--site",
        GRID.site,
        "--over",
        GRID.over.join(),
        "--direction",
        GRID.direction,
        ...task,
      ],
    },
  });
  for (const [name, rows] of Object.entries(native))
    rows.splice(1, 0, ...tab.asked[name].map((row) => ({ who: "Patchbay, in a tab", ...row })));
  return { n, repeats, versions, tab: tab.rows, native };
}
