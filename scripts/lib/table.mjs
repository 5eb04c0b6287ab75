// The result as `patchbay run` prints it (crate/src/bin/patchbay/), character for character.

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

export function table({ head, answer, notes, conditions, evidence, device, timings_ms }) {
  const names = Object.keys(conditions);
  const n = conditions[names[0]].diff.length;
  const width = 2 + Math.max("condition".length, ...names.map((name) => name.length));
  const row = (name, ...cells) =>
    name.padEnd(width) + cells.map((cell, i) => cell.padStart(i === 0 ? 24 : 12)).join("");
  const lines = [`Head ${head.join(".")}, ${n} prompts, on ${device.adapter}`, answer, ...notes];
  lines.push(row("condition", "mean attn score diff", "END→IO", "END→S1"));
  for (const [name, c] of Object.entries(conditions)) {
    lines.push(row(name, ...[c.mean_diff, mean(c.io_score), mean(c.s1_score)].map((x) => x.toFixed(4))));
  }
  for (const [name, edit] of Object.entries(evidence.edits)) {
    lines.push(`${name}: changed ${edit.prompts_touched} of ${n} prompts, ${moved(edit)}`);
  }
  lines.push(`no-op control: changed scores by at most ${evidence.noop_max_abs_change}`);
  lines.push(`${(timings_ms.run / 1000).toFixed(1)} s`);
  return lines.join("\n");
}

function moved({ mean_delta_q_input, mean_delta_q }) {
  return `mean ‖Δq_input‖ ${mean_delta_q_input.toFixed(4)}, mean ‖Δq‖ ${mean_delta_q.toFixed(4)}`;
}
