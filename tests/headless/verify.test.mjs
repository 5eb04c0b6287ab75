// `patchbay verify`: which published figures hold, what it says of other models, and what it refuses.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { command } from "./commands.mjs";
import { assertRefused, TINY } from "./tiny.mjs";

const folder = mkdtempSync(join(tmpdir(), "patchbay-verify-"));
after(() => rmSync(folder, { recursive: true }));

const FIGURES = readFileSync(join(TINY, "published.json"), "utf8");
const verify = (...args) => command("verify", ["--device", "cpu", ...args]);

/** Of the tiny model, against a file. */
function held(figures, ...args) {
  const file = join(folder, "figures.json");
  writeFileSync(file, typeof figures === "string" ? figures : JSON.stringify(figures));
  return verify("--model", TINY, "--figures", file, ...args);
}

/** The figures with changes, which are given the parsed file. */
function changed(change) {
  const figures = JSON.parse(FIGURES);
  change(figures);
  return figures;
}

/** Each figure of the file, how it is made wrong, and where that shows. */
const WRONG = [
  ["eight_prompts.clean_logit_diff", (all) => (all.eight_prompts.clean_logit_diff += 0.002)],
  ["eight_prompts.corrupted_logit_diff", (all) => (all.eight_prompts.corrupted_logit_diff -= 0.002)],
  [
    "eight_prompts.logit_diff_by_prompt",
    (all) => (all.eight_prompts.logit_diff_by_prompt[2] += 0.002),
    "prompt 2",
  ],
  ["eight_prompts.logit_lens", (all) => (all.eight_prompts.logit_lens.values[3] += 0.002), "1_mid"],
  [
    "eight_prompts.direct_logit_attribution.layers",
    (all) => (all.eight_prompts.direct_logit_attribution.layers.values[4] -= 0.002),
    "1_attn_out",
  ],
  [
    "eight_prompts.direct_logit_attribution.heads",
    (all) => (all.eight_prompts.direct_logit_attribution.heads[2][1] += 0.002),
    "layer 2, head 1",
  ],
  ...["resid_pre", "attn_out", "mlp_out"].map((site) => [
    `eight_prompts.denoising.layer_by_position.${site}`,
    (all) => (all.eight_prompts.denoising.layer_by_position[site][1][20] += 0.002),
    "layer 1, position 20",
  ]),
  ...["z", "q", "k", "v", "pattern"].map((site) => [
    `eight_prompts.denoising.layer_by_head.${site}`,
    (all) => (all.eight_prompts.denoising.layer_by_head[site][0][3] -= 0.002),
    "layer 0, head 3",
  ]),
  [
    "eight_prompts.denoising.layer_by_head_by_position.z",
    (all) => (all.eight_prompts.denoising.layer_by_head_by_position.z[2][1][23] += 0.002),
    "layer 2, head 1, position 23",
  ],
  ["eight_prompts.zero_ablation.logit_diff", (all) => (all.eight_prompts.zero_ablation.logit_diff += 0.01)],
  [
    "eight_prompts.zero_ablation.heads",
    (all) => (all.eight_prompts.zero_ablation.heads[0][0] += 0.002),
    "layer 0, head 0",
  ],
  ...["previous_token", "duplicate_token", "induction"].map((score) => [
    `head_scores.${score}`,
    (all) => (all.head_scores[score][1][2] += 0.03),
    "layer 1, head 2",
  ]),
  ...["clean", "patched", "projected"].map((condition) => [
    `patching_positions.${condition}`,
    (all) => (all.patching_positions[condition] += 0.002),
  ]),
  ["wang_et_al_2022.logit_diff", (all) => (all.wang_et_al_2022.logit_diff += 0.6)],
  ["wang_et_al_2022.io_over_s", (all) => (all.wang_et_al_2022.io_over_s += 0.03)],
  ["wang_et_al_2022.probability_of_io", (all) => (all.wang_et_al_2022.probability_of_io += 0.2)],
  ["wang_et_al_2022.circuit.faithfulness", (all) => (all.wang_et_al_2022.circuit.faithfulness -= 0.2)],
  ["wang_et_al_2022.knockout.share_left", (all) => (all.wang_et_al_2022.knockout.share_left -= 0.2)],
  ...[
    ["original", "original"],
    ["original", "inverted"],
    ["random", "original"],
    ["inverted", "inverted"],
  ].map(([token, position], i) => [
    `wang_et_al_2022.signals.token ${token}, position ${position}`,
    (all) => (all.wang_et_al_2022.signals.figures[i].logit_diff -= 0.6),
  ]),
];

describe("the tiny model", () => {
  test("has the figures of an implementation of its own", async () => {
    const { code, stdout, stderr } = await held(FIGURES, "--json");
    assert.deepEqual([code, stderr], [0, ""]);
    const { figures, within, model, device, version } = JSON.parse(stdout);
    assert.equal(within, true);
    assert.equal(model, TINY);
    assert.equal(device.device, "cpu");
    assert.match(version, /^\d+\.\d+\.\d+$/);
    for (const { name, published, ours, difference, tolerance, within, problem } of figures) {
      assert.deepEqual([within, problem], [true, null], name);
      assert.ok(difference <= tolerance, name);
      assert.equal(Array.isArray(published), Array.isArray(ours), name);
    }
  });

  test("has them as a table for people, with a verdict", async () => {
    const { code, stdout, stderr } = await held(FIGURES);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^figure +published +ours +difference {2}within\n/);
    assert.match(stdout, /\neight_prompts\.clean_logit_diff +0\.0137 +0\.0137 +0\.00000 {2}yes\n/);
    assert.match(
      stdout,
      /\neight_prompts\.denoising\.layer_by_head\.z .* yes; layer \d, head \d is furthest of 12\n/,
    );
    assert.match(stdout, /\nwang_et_al_2022\.logit_diff .* yes, approximately \(by 0\.5\)\n/);
    assert.match(stdout, /\n(\d+) of \1 figures are within, which are \d{3,} numbers in all\n/);
  });

  test("has none of them where each is wrong by a little more than its tolerance", async () => {
    const wrong = changed((all) => {
      for (const [, change] of WRONG) change(all);
    });
    const { code, stdout, stderr } = await held(wrong, "--json");
    assert.equal(code, 1);
    const { figures, within } = JSON.parse(stdout);
    assert.equal(within, false);
    for (const { name, difference, tolerance, within } of figures)
      assert.ok(!within && difference > tolerance, name);
    assert.deepEqual(
      figures.map(({ name, worst, problem }) => [name, worst.at, problem]).sort(),
      WRONG.map(([name, , place]) => [name, place ?? null, null]).sort(),
    );
    assert.equal(
      stderr,
      `patchbay: ${WRONG.length} of ${WRONG.length} figures are not within their tolerance\n`,
    );
  });

  test("has not one that is wrong beside others", async () => {
    const wrong = changed((all) => {
      all.eight_prompts.denoising.layer_by_head.k[1][2] += 0.002;
      delete all.wang_et_al_2022;
    });
    const { code, stdout, stderr } = await held(wrong);
    assert.equal(code, 1);
    assert.match(stdout, /layer_by_head\.k +\S+ +\S+ +0\.0020\d {2}no; layer 1, head 2 is furthest of 12\n/);
    assert.equal(stdout.match(/ {2}no/g).length, 1);
    assert.equal(stderr, "patchbay: 1 of 23 figures is not within its tolerance\n");
  });
});

test("a model is held against GPT-2 small's figures where none are named, and says first that it is another", async () => {
  const { code, stdout, stderr } = await verify();
  assert.equal(code, 1);
  const [first, last] = stderr.trimEnd().split("\n");
  assert.match(
    first,
    /^patchbay: the figures are of openai-community\/gpt2, and these are other weights: .* Going on all the same$/,
  );
  assert.match(last, /^patchbay: \d\d of 35 figures are not within their tolerance$/);
  assert.match(
    stdout,
    /\npatching_positions\.clean .* no; not comparable: this model has layers 0 to 3; there is no layer 10\n/,
  );
  // It reads years as GPT-2 does, so that this can be said of it.
  assert.match(stdout, /\nhanna_et_al_2023\.prob_diff +0\.8170 +0\.\d{4} /);
});

test("figures of other weights are told of", async () => {
  const others = { name: "another", sha256: "0".repeat(64) };
  const { code, stderr } = await held({
    model: others,
    eight_prompts: { task: JSON.parse(FIGURES).eight_prompts.task },
  });
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^patchbay: the figures are of another, and these are other weights: expected SHA-256 0{64}, found [0-9a-f]{64}\. /,
  );
});

test("what it costs is said without running it", async () => {
  const { code, stdout } = await held(FIGURES, "--cost", "--json");
  assert.equal(code, 0);
  const { cost } = JSON.parse(stdout);
  assert.ok(cost.flops > 0 && cost.seconds > 0);
});

describe("what is wrong with a file is named", () => {
  for (const [figures, said] of [
    ["{", /figures\.json: these are no published figures: EOF/],
    ["[]", /expected struct Published/],
    [
      changed((all) => (all.figures = 1)),
      /unknown field `figures`, expected one of `about`, `model`, `eight_prompts`/,
    ],
    [{ ...JSON.parse(FIGURES), wang_et_al_2022: null }, undefined],
    [
      changed((all) => (all.eight_prompts.logit_lens.values[1] = "0")),
      /expected numbers in arrays of equal lengths, found "0" at \[1\]/,
    ],
    [
      changed((all) => (all.wang_et_al_2022.knockout.class = "mover")),
      /expected heads and positions of "mover", found no such class/,
    ],
  ])
    test(`${said ?? "nothing, where a figure is left out"}`, async () => {
      const outcome = await held(figures);
      if (said) assertRefused(outcome, 2, said);
      else assert.equal(outcome.code, 0);
    });

  test("and a file that is not there", async () => {
    const { code, stderr } = await verify("--figures", join(folder, "none.json"));
    assert.equal(code, 1);
    assert.match(stderr, /cannot read .*none\.json/);
  });
});
