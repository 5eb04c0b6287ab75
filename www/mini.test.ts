// The model that comes with the page is the one that its card describes.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openingSettings } from "./fields.ts";
import { CONFIG, TOKENIZER, WEIGHTS } from "./files/file-names.ts";
import card from "./public/models/ioi-mini/card.json";

const MODEL_FILES = [CONFIG, TOKENIZER, WEIGHTS];
const FOLDER = join(import.meta.dirname, "public/models/ioi-mini");
const README = readFileSync(join(FOLDER, "README.md"), "utf8");

test("its files have the sizes and hashes of the card", () => {
  const files = Object.fromEntries(
    MODEL_FILES.map((name) => {
      const bytes = readFileSync(join(FOLDER, name));
      return [name, { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }];
    }),
  );
  expect(files).toEqual(card.files);
  expect(readdirSync(FOLDER).sort()).toEqual([...MODEL_FILES, "README.md", "card.json"].sort());
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total).toBeLessThanOrEqual(3_000_000);
});

test("the card in words has the same figures as the card in numbers", () => {
  for (const { sha256 } of Object.values(card.files)) expect(README).toContain(sha256);
  expect(README).toContain(card.command);
  for (const { accuracy, log_loss } of Object.values(card.evaluation.exams)) {
    expect(README).toContain(`${(100 * accuracy).toFixed(1)} %`);
    expect(README).toContain(log_loss.toFixed(4));
  }
  const { heads } = card.evaluation;
  const columns: number[][][] = [
    ...["END->IO", "END->S1", "END->S2", "S2->S1", "S1+1->S1"].map(
      (roles) => heads.attention[roles as keyof typeof heads.attention],
    ),
    ...[heads.previous_token, heads.duplicate_token, heads.induction, heads.copying],
    ...[heads.score_diff, heads.direct, heads.ablated],
  ];
  for (const [layer, row] of heads.direct.entries())
    for (const head of row.keys()) {
      const figures = columns.map((column) => column[layer]?.[head]?.toFixed(2));
      expect(README).toContain(`| ${[`${layer}.${head}`, ...figures].join(" | ")} |`);
    }
});

test("the page opens with it, at its head", () => {
  const dataset = { n: 150, seed: 42, symmetric: true, prompt_type: "mixed", prepend_bos: true } as const;
  const notebook = {
    experiment: "patching_positions",
    layer: 10,
    head: 7,
    dataset,
    flip: "x",
    freeze_ln: true,
  };
  const { model, layer, head, n, flip } = openingSettings(notebook);
  expect({ model, head: [layer, head], n, flip }).toEqual({
    model: "ioi-mini",
    head: card.default_head,
    n: 150,
    flip: "x",
  });
});
