import { appendFileSync } from "node:fs";

/** Adds to the page that GitHub shows of a workflow's run. Elsewhere there is none, and nothing is done. */
export function addToSummary(markdown) {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, `${markdown}\n\n`);
}
