// The commands that say why a head attends: `decompose`, `linear`, `embed`, and `run` with replacements.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";
import { command } from "./commands.mjs";

const TINY = join(ROOT, "tests", "fixtures", "tiny");
const MINI = join(ROOT, "www", "public", "models", "ioi-mini");
const FIGURES = JSON.parse(readFileSync(join(TINY, "decompositions.json"), "utf8"));
const OF_HEAD = FIGURES.heads[0];
const HEAD = ["--layer", "2", "--head", "1"];
const DATA = ["--model", TINY, "-n", "20", "--device", "cpu"];
const AT = [...DATA, ...HEAD];
// Float32 on one side, float64 on the other; printed with four decimals it would not show.
const TOLERANCE = 1e-5;

async function printed(name, args) {
  const { code, stdout, stderr } = await command(name, args);
  assert.equal(code, 0, stderr);
  return stdout;
}

const object = async (name, args) => JSON.parse(await printed(name, [...args, "--json"]));

function assertNear(found, wanted, what) {
  const [a, b] = [found, wanted].map((values) => [values].flat(Infinity));
  assert.equal(a.length, b.length, what);
  const most = Math.max(...a.map((value, i) => Math.abs(value - b[i])));
  assert.ok(most <= TOLERANCE, `${what} is off by ${most}`);
}

const SETTINGS = [
  "decompose_by",
  "intervene_on_query",
  "intervene_on_key",
  "subtract_S1",
  "include_S1_in_unembed_projection",
  "include_name_forms_in_unembed_projection",
];

/** The entry with these settings and no others. */
function entry(entries, settings) {
  const found = entries.find((entry) =>
    SETTINGS.every((name) => (entry[name] || null) === (settings[name] ?? null)),
  );
  assert.ok(found, `no figures of ${JSON.stringify(settings)}`);
  return found;
}

const DECOMPOSITIONS = [
  [["--by", "keys"], { decompose_by: "keys" }],
  [
    ["--by", "keys", "--substitute", "w-u-io", "--minus-s1"],
    { decompose_by: "keys", intervene_on_query: "sub_W_U_IO", subtract_S1: true },
  ],
  [
    ["--by", "keys", "--project", "w-u-io", "--with-s", "--with-name-forms", "--minus-s1"],
    {
      decompose_by: "keys",
      intervene_on_query: "project_to_W_U_IO",
      subtract_S1: true,
      include_S1_in_unembed_projection: true,
      include_name_forms_in_unembed_projection: true,
    },
  ],
  [
    ["--by", "queries", "--substitute", "w-ee"],
    { decompose_by: "queries", intervene_on_key: "sub_W_E (including MLPs)" },
  ],
  [
    ["--by", "keys", "--project", "w-u-io", "--project", "mlp0", "--with-s", "--minus-s1"],
    {
      decompose_by: "keys",
      intervene_on_query: "project_to_W_U_IO",
      intervene_on_key: "project_to_MLP0",
      subtract_S1: true,
      include_S1_in_unembed_projection: true,
    },
  ],
];

describe("decompose --json", () => {
  for (const [args, settings] of DECOMPOSITIONS) {
    test(args.join(" "), async () => {
      const wanted = entry(OF_HEAD.decompositions, settings);
      const found = await object("decompose", [...AT, ...args]);
      for (const name of SETTINGS) assert.equal(found[name], wanted[name], name);
      assert.deepEqual(Object.keys(found.contributions).sort(), Object.keys(wanted.contributions).sort());
      for (const label of Object.keys(wanted.contributions)) {
        assertNear(found.contributions[label], wanted.contributions[label], label);
        assertNear(found.b_O[label], wanted.b_O[label], `b_O of ${label}`);
      }
      assert.ok(found.accounting.holds);
      assertNear(found.accounting.measured, wanted.measured, "measured");
      assert.equal(found.device.device, "cpu");
      assert.equal(found.prompts, 20);
    });
  }

  test("--full", async () => {
    const settings = { subtract_S1: true, include_S1_in_unembed_projection: true };
    const wanted = entry(OF_HEAD.full, settings);
    const found = await object("decompose", [...AT, "--full", "--minus-s1", "--with-s"]);
    assert.deepEqual(found.components, wanted.components);
    assertNear(found.with_b_O.values, wanted.values, "planes");
    // As the reference has them: without the attention biases of two layers, which come last.
    assert.deepEqual(found.shape, [4, 13, 13]);
    const inner = wanted.values.map((plane) => plane.slice(0, 13).map((row) => row.slice(0, 13)));
    assertNear(found.values, inner, "planes without b_O");
    assert.ok(found.accounting.holds);
  });
});

test("decompose prints tables, and whether they add up", async () => {
  const text = await printed("decompose", [...AT, "--by", "queries", "--project", "mlp0"]);
  assert.match(text, /^Head 2\.1, 20 prompts, on CPU\n/);
  assert.match(text, /\nMLP0_dir\|unchanged: contribution to the mean score\n +W_E +W_pos +bias\n/);
  assert.match(text, /\nlayer +0 +1 +2 +3 +MLP +b_O\n0 /);
  assert.match(text, /\nAll contributions, .*LN's normalization \(-?[\d.]+\), sum to .*: they add up\.\n/);
  assert.match(
    text,
    /^[^\n]+\nWhat head 2\.1 reads of \S+ at END \(key .*\. The head's mean score END→IO is -?[\d.]+\.\n\n/,
  );
  const full = await printed("decompose", [...AT, "--full"]);
  assert.match(full, /\nIO_perp\|MLP0_dir: -?[\d.]+ in all; the largest pairs, query and key\n/);
});

test("the contributions add up on ioi-mini too", async () => {
  const { default_head } = JSON.parse(readFileSync(join(MINI, "card.json"), "utf8"));
  const head = ["--layer", `${default_head[0]}`, "--head", `${default_head[1]}`];
  const at = ["--model", MINI, ...head, "--minus-s1", "--device", "cpu"];
  const run = await object(
    "run",
    at.filter((arg) => arg !== "--minus-s1"),
  );
  for (const args of [["--by", "queries"], ["--by", "keys"], ["--full"]]) {
    const { accounting } = await object("decompose", [...at, ...args]);
    assert.ok(accounting.holds, `${args}: ${JSON.stringify(accounting)}`);
    assert.ok(Math.abs(accounting.measured - run.conditions.clean.mean_diff) < TOLERANCE);
  }
});

test("linear", async () => {
  const wanted = OF_HEAD.linear_functions.find(
    (found) => found.func === "queries" && !found.subtract_S1 && found.only_effective_embeddings === null,
  );
  const found = await object("linear", [...AT, "--of", "queries"]);
  assertNear(found.linear_map[0], wanted.linear_map_of_prompt_0, "map");
  assertNear(found.linear_map_norm, wanted.linear_map_norm, "norm");
  assertNear(found.bias, wanted.bias, "bias");
  assert.match(
    await printed("linear", [...AT, "--of", "keys"]),
    / of mean length [\d.]+ .*\n\nprompt +‖map‖ +bias\n1 /s,
  );
});

test("embed", async () => {
  const { token, ...wanted } = FIGURES.nearest;
  const at = ["--model", TINY, "--device", "cpu"];
  const { tokens } = FIGURES.embeddings;
  assert.equal(token, tokens[0]);
  const lexicon = JSON.parse(readFileSync(join(ROOT, "crate", "src", "ioi", "lexicon.json"), "utf8"));
  const names = lexicon.names.slice(0, 2).map((name) => ` ${name}`);
  const found = await object("embed", [...at, "--nearest", "5", ...names]);
  assert.deepEqual(found.token_ids, tokens.slice(0, 2));
  for (const { space, tokens: near } of found.nearest[0].spaces) {
    assert.deepEqual(
      near.map(({ token }) => token),
      wanted[space].tokens,
    );
    if (space in FIGURES.embeddings)
      assertNear(found.effective_embedding[space], FIGURES.embeddings[space].slice(0, 2), space);
  }
  const text = await printed("embed", [...at, "--nearest", "2", names[0]]);
  assert.match(
    text,
    new RegExp(`^"${names[0]}", token ${token}: nearest by cosine\nOf all other tokens the nearest `),
  );
});

for (const experiment of ["query_replacements", "key_replacements"]) {
  test(`run --experiment ${experiment}`, async () => {
    const { name_mover, [experiment]: wanted } = OF_HEAD.replacements;
    const args = ["--experiment", experiment, "--name-mover", name_mover.join(".")];
    const { conditions } = await object("run", [...AT, ...args]);
    assert.deepEqual(Object.keys(conditions).sort(), Object.keys(wanted).sort());
    for (const [name, { io_score, diff, io_probability }] of Object.entries(wanted)) {
      assertNear(conditions[name].io_score, io_score, `${name} io_score`);
      assertNear(conditions[name].diff, diff, `${name} diff`);
      assertNear(conditions[name].io_probability, io_probability, `${name} io_probability`);
    }
  });
}

const BAD = [
  ["neither side nor --full", "decompose", [...AT]],
  ["a side that is substituted and decomposed", "decompose", [...AT, "--by", "keys", "--substitute", "mlp0"]],
  [
    "a side that is substituted and projected",
    "decompose",
    [...AT, "--by", "keys", "--substitute", "w-u-io", "--project", "w-u-io"],
  ],
  [
    "MLP_0 below layer 0",
    "decompose",
    [...DATA, "--layer", "0", "--head", "1", "--by", "keys", "--project", "mlp0"],
  ],
  ["a layer outside the model", "decompose", [...DATA, "--layer", "3", "--head", "1", "--by", "keys"]],
  ["a span of queries that are not projected", "decompose", [...AT, "--by", "keys", "--with-s"]],
  ["embeddings as fixed queries", "linear", [...AT, "--of", "keys", "--effective-embedding", "w-e"]],
  ["text of two tokens", "embed", ["--model", TINY, " Mary Mary"]],
  ["no token", "embed", ["--model", TINY]],
  ["a name mover above", "run", [...AT, "--experiment", "query_replacements", "--name-mover", "2.0"]],
  ["no head", "run", [...AT, "--experiment", "query_replacements", "--name-mover", "9"]],
  [
    "replacements at all heads",
    "sweep",
    ["--model", TINY, "--experiment", "key_replacements", "-n", "20", "--device", "cpu"],
  ],
];

describe("bad arguments: exit 2, one line, and nothing on stdout", () => {
  for (const [what, name, args] of BAD) {
    test(what, async () => {
      const { code, stdout, stderr } = await command(name, args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^[^\n]+\n$/);
    });
  }
});
