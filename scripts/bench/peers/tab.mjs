// Peers in a tab, with ours: the forward of clean and corrupted prompts, all in the same browser and under the same headers.
import { cpus } from "node:os";
import { launch } from "../../lib/browser.mjs";
import { ROOT, say } from "../../lib/run.mjs";
import { serve } from "../../lib/serve.mjs";
import { makeThreadScripts } from "../threads.mjs";
import { largestDifference, mustAgree, mustTell } from "./agree.mjs";

const PEERS = ["onnxruntime-web", "transformers.js"];
const OURS = "/scripts/bench/page.mjs";
const THEIRS = "/scripts/bench/peers/tab-page.mjs";

/**
 * `examples`: what `patchbay task --json` prints; `questions`: what of page.mjs is called to time ours beside the native peers,
 * by name.
 * Every session is used once before it is timed.
 */
export async function inTab({ checkpoint, examples, questions, repeats }) {
  const server = await serve(ROOT);
  const browser = await launch();
  const inPage = async (module, use) => {
    const page = await browser.newPage();
    await page.goto(new URL("scripts/bench/page.html", server.url).href);
    try {
      return await use((name, ...args) =>
        page.evaluate(
          async ([module, name, args]) => (await import(module))[name](...args),
          [module, name, args],
        ),
      );
    } finally {
      await page.close();
    }
  };
  const times = async (first, call) => {
    const all = [];
    for (let i = 0; i < repeats; i++) all.push((await call()).seconds);
    return { first: first.seconds, seconds: all };
  };
  try {
    const most = Math.min(cpus().length, await makeThreadScripts());
    const counts = most > 1 ? [1, most] : [1];
    const asked = Object.fromEntries(Object.keys(questions).map((name) => [name, []]));
    const rows = [];
    let figures;
    for (const threads of counts) {
      tell("Patchbay", threads);
      await inPage(OURS, async (call) => {
        const kind = threads === 1 ? "cpu" : "threads";
        const load = await call("load", kind, `/${checkpoint}`);
        const ask = (question) => call("answered", question);
        const question = forward(examples.spec);
        const first = await ask(question);
        figures ??= logitDifferences(first.result);
        rows.push({ who: "Patchbay", threads, load, ...(await times(first, () => ask(question))) });
        for (const [name, [what, ...args]] of Object.entries(questions)) {
          const once = () => call(what, kind, ...args);
          asked[name].push({ threads, load, ...(await times(await once(), once)) });
        }
      });
    }
    mustTell("the prompts' logit differences", figures);
    const batches = batchesOf(examples);
    for (const who of PEERS)
      for (const threads of counts) {
        tell(who, threads);
        rows.push(
          await inPage(THEIRS, async (call) => {
            const load = await call("load", who, threads);
            const first = await call("run", batches.all);
            const difference = mustAgree(who, largestDifference(figures, batches.inOrder(first.differences)));
            return {
              who,
              threads,
              load,
              difference,
              ...(await times(first, () => call("run", batches.all))),
            };
          }),
        );
      }
    return { rows, asked };
  } finally {
    await browser.close();
    await server.close();
  }
}

const tell = (who, threads) =>
  say(`in a tab, ${who}, ${threads === 1 ? "one thread" : `${threads} threads`}`);

/** Both runs of each prompt and no more of ours than it takes to ask for them: at the very end the one's is put into the other's. */
const forward = (task) => ({
  analysis: "patch",
  spec: {
    task,
    site: "resid_post",
    over: ["role"],
    layer: 11,
    direction: "noise",
    per_prompt: true,
  },
});

/** Of each clean prompt, then of each corrupted one: what all of the other run's stream at END, the last role, makes of it. */
const logitDifferences = ({ per_prompt_base, per_prompt }) => [
  ...per_prompt_base,
  ...per_prompt.map((roles) => roles.at(-1)),
];

/** Clean and corrupted prompts of one length each, and how their results come back into order. */
export function batchesOf({ clean, corrupted, answers, wrong_answers }) {
  const rows = [...clean.tokens, ...corrupted.tokens];
  const of = (tokens, i) => tokens[i % clean.tokens.length];
  const groups = new Map();
  for (const [i, { length }] of rows.entries()) groups.set(length, [...(groups.get(length) ?? []), i]);
  const all = [...groups.values()].map((group) => ({
    rows: group.map((i) => rows[i]),
    answers: group.map((i) => of(answers, i)),
    wrong: group.map((i) => of(wrong_answers, i)),
  }));
  const order = [...groups.values()].flat();
  return {
    all,
    inOrder(results) {
      const ordered = [];
      for (const [at, value] of results.flat().entries()) ordered[order[at]] = value;
      return ordered;
    },
  };
}
