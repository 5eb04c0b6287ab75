// The tables of `npm run bench -- --peers`, in Markdown, as BENCHMARKS.md has them.
import { seconds, shown, spread, table } from "../../lib/bench-table.mjs";

export function peersRows({ date, machine, peers: { n, versions, tab, native } }) {
  const ours = spread(tab[0].seconds).median;
  return [
    `${date}, ${machine.cpu}, ${machine.cores} cores. Median (least to most).`,
    `In a tab, the logits at END of ${n} clean and ${n} corrupted prompts (forward only):`,
    table(
      ["who", "threads", "load", "first", "time", "of Patchbay's", "largest difference"],
      tab.map((row) => [
        inWords(row.who, versions),
        row.threads,
        shown(row.load),
        shown(row.first),
        ...compared(row, ours),
      ]),
    ),
    ...Object.entries(native).flatMap(([name, rows]) => [
      `Natively, ${name}, ${n} prompts:`,
      table(
        ["who", "threads", "import", "load", "time", "of Patchbay's", "largest difference"],
        rows.map((row) => [
          inWords(row.who, row.versions ?? {}),
          row.threads ?? machine.cores,
          row.import === undefined ? "" : shown(row.import),
          shown(row.load),
          ...compared(row, spread(rows[0].seconds).median),
        ]),
      ),
    ]),
  ].join("\n\n");
}

/** Time, ratio within this run, and how far the figures are from ours. */
const compared = (row, ours) => [
  row.seconds.length === 1 ? `${shown(row.seconds[0])}, once` : seconds(row.seconds),
  (spread(row.seconds).median / ours).toFixed(2),
  row.difference === undefined ? "" : row.difference.toExponential(1),
];

/** With the versions that count: "nnsight 0.8.1 (torch 2.15.0)". */
function inWords(who, versions) {
  if (!(who in versions)) return who;
  const within = who === "transformers.js" ? "its onnxruntime-web" : "torch";
  return `${who} ${versions[who]}${within in versions && who !== "onnxruntime-web" ? ` (${within} ${versions[within]})` : ""}`;
}
