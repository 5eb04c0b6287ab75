import assert from "node:assert/strict";
import { test } from "node:test";
import { peersRows } from "./table.mjs";

test("each peer stands beside ours, with its ratio, its versions and how far its figures are from ours", () => {
  const text = peersRows({
    date: "2026-01-01",
    machine: { cpu: "a CPU", cores: 2 },
    peers: {
      n: 10,
      versions: {
        "onnxruntime-web": "1.2.3",
        "transformers.js": "4.5.6",
        "its onnxruntime-web": "1.3.0-dev",
      },
      tab: [
        { who: "Patchbay", threads: 1, load: 1, first: 2.5, seconds: [2, 1, 4] },
        { who: "onnxruntime-web", threads: 2, load: 3, first: 9, seconds: [5, 3, 7], difference: 1.5e-7 },
        { who: "transformers.js", threads: 1, load: 3, first: 9, seconds: [1, 1, 1], difference: 0 },
      ],
      native: {
        "a question": [
          { who: "Patchbay", load: 0.5, seconds: [0.5] },
          { who: "Patchbay, in a tab", threads: 1, load: 1, first: 2, seconds: [1] },
          {
            who: "nnsight",
            versions: { nnsight: "7.8.9", torch: "2.0.0" },
            threads: 3,
            import: 12,
            load: 5,
            seconds: [4, 6, 5],
            difference: 2e-6,
          },
        ],
      },
    },
  });
  const lines = text.split("\n");
  assert.ok(lines.includes("| Patchbay | 1 | 1.00 s | 2.50 s | 2.00 s (1.00 s to 4.00 s) | 1.00 |  |"), text);
  assert.ok(
    lines.includes(
      "| onnxruntime-web 1.2.3 | 2 | 3.00 s | 9.00 s | 5.00 s (3.00 s to 7.00 s) | 2.50 | 1.5e-7 |",
    ),
    text,
  );
  assert.match(text, /\| transformers\.js 4\.5\.6 \(its onnxruntime-web 1\.3\.0-dev\) \| 1 \|/);
  assert.match(text, /\| Patchbay \| 2 \| {2}\| 0\.50 s \| 0\.50 s, once \|/);
  assert.match(text, /\| Patchbay, in a tab \| 1 \| .* \| 1\.00 s, once \| 2\.00 \| {2}\|/);
  assert.ok(
    lines.includes(
      "| nnsight 7.8.9 (torch 2.0.0) | 3 | 12.00 s | 5.00 s | 5.00 s (4.00 s to 6.00 s) | 10.00 | 2.0e-6 |",
    ),
    text,
  );
});
