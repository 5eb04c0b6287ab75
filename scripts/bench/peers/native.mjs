// Peers outside a browser, with ours: the programs that `patchbay … --script` writes for them, which say how their figures differ.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, Failure, ROOT, say } from "../../lib/run.mjs";
import { mustAgree, mustTell, printedDifference } from "./agree.mjs";

const LIBRARIES = ["transformer-lens", "nnsight"];

/** By question a row for ours and for each library. `questions`: the command's arguments, by name. */
export async function natively({ command, checkpoint, python, questions, repeats }) {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-peers-"));
  try {
    const all = {};
    for (const [name, args] of Object.entries(questions)) {
      say(`natively, ${name}`);
      const ask = async (more) => {
        const given = [...args, "--model", join(ROOT, checkpoint), "--device", "cpu", "--json", ...more];
        return JSON.parse(await output(command, given));
      };
      const runs = [];
      for (let i = 0; i < repeats; i++) runs.push(await ask([]));
      mustTell(name, figures(runs[0]));
      const of = (what) => runs.map(({ timings_ms }) => timings_ms[what] / 1000);
      all[name] = [{ who: "Patchbay", load: Math.min(...of("load")), seconds: of("run") }];
      for (const library of LIBRARIES) {
        say(`natively, ${name}, ${library}`);
        const program = join(folder, `${library}-${Object.keys(all).length}.py`);
        await ask(["--script", program, "--for", library]);
        all[name].push(await timed(python, library, program, checkpoint, repeats));
      }
    }
    return all;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timed(python, library, program, checkpoint, repeats) {
  const script = join(ROOT, "scripts", "bench", "peers", "timed.py");
  const args = [script, library, program, join(ROOT, checkpoint), `${repeats}`];
  const env = { HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1" };
  const { printed, ...figures } = JSON.parse((await output(python, args, env)).split("\n").at(-1));
  const difference = mustAgree(library, printedDifference(printed, figures.seconds.length));
  return { who: library, ...figures, difference };
}

/** What a program prints; what it says besides is seen. */
async function output(program, args, env = {}) {
  const found = await capture(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  if (found === null) throw new Failure(`${program} ${args.join(" ")} failed, see above`);
  return found;
}

/** The numbers that a program prints beside its own. */
const figures = ({ conditions, base, values }) =>
  conditions ? Object.values(conditions).map(({ mean_diff }) => mean_diff) : [base, ...values.flat()];
