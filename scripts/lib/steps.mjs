// Commands of several steps: all of them run, their own output is shown, and a summary with their times closes it.
import { Failure, say } from "./run.mjs";
import { addToSummary } from "./summary.mjs";

/** What a step returns instead of running, where it cannot: shown as such, and no pass. */
export class NotRun {
  constructor(reason) {
    this.reason = reason;
  }
}

/** @param {[name: string, title: string, step: () => Promise<unknown>][]} steps */
export async function runSteps(command, steps) {
  const width = Math.max(...steps.map(([name]) => name.length));
  const begun = performance.now();
  const summary = [];
  const failed = [];
  for (const [name, title, step] of steps) {
    say(`\n== ${name}: ${title}`);
    const started = performance.now();
    const end = await step().catch((error) => error);
    if (end instanceof Error) {
      say(end instanceof Failure ? end.message : end.stack);
      failed.push(name);
    }
    const word = end instanceof Error ? "FAILED " : end instanceof NotRun ? "not run" : "passed ";
    const why = end instanceof NotRun ? `: ${end.reason}` : "";
    summary.push(`${word}  ${name.padEnd(width)} ${since(started)}  ${title}${why}`);
  }
  say(`\n== ${command}\n${summary.join("\n")}`);
  addToSummary(`## ${command}\n\n\`\`\`\n${summary.join("\n")}\n\`\`\``);
  const total = since(begun).trim();
  if (failed.length > 0) throw new Failure(`${command} failed after ${total}: ${failed.join(", ")}`);
  say(`${command} passed in ${total}`);
}

const since = (begun) => `${((performance.now() - begun) / 1000).toFixed(0)} s`.padStart(7);
