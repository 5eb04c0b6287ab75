// The Python programs that the native command writes, run on the tiny model with the libraries that they are written for.
// PYTHON is an interpreter that has these: `npm test -- python` sets it up.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/lib/run.mjs";
import { patchbay } from "../headless/commands.mjs";
import { TINY } from "../headless/tiny.mjs";

const { PYTHON } = process.env;
if (!PYTHON) throw new Error("PYTHON is not set: run npm test -- python");

/**
 * Both sides sum float32 in orders of their own, through three layers, and average: of figures of up to 10 the difference
 * seen is some 1e-6. An edit at another place, a scale that is not frozen or a mean over others is off by 1e-3 and more.
 * Probabilities of this model are small, and all of a table are held to a share of its largest figure.
 */
const TOLERANCE = { absolute: 2e-5, relative: 1e-4 };

const AT = ["--layer", "2", "--head", "1"];
const GRID = ["--over", "layer,head", "-n", "6"];
const STREAM = ["--over", "layer,role", "-n", "6"];
const TASKS = {
  induction: ["--task", "induction", "-n", "6", "--length", "8"],
  pairs: ["--task", "pairs", "--pairs", "PAIRS"],
};

/** What is asked, by the name of the program's file. */
const LENS = {
  "run.py": ["run", ...AT, "-n", "20", "--accuracy"],
  "run-live.py": ["run", ...AT, "-n", "20", "--live-ln"],
  "run-controls.ipynb": ["run", ...AT, "--experiment", "controls", "-n", "6"],
  "run-queries.py": ["run", ...AT, "--experiment", "query_replacements", "--name-mover", "1.3", "-n", "6"],
  "run-keys.ipynb": ["run", ...AT, "--experiment", "key_replacements", "-n", "6"],
  "sweep.py": ["sweep", "-n", "6"],
  "sweep-controls.ipynb": ["sweep", "--experiment", "controls", "--live-ln", "-n", "6"],
  "decompose-keys.py": ["decompose", ...AT, "--by", "keys", "-n", "6"],
  "decompose-queries.py": [
    "decompose",
    ...AT,
    "--by",
    "queries",
    "--substitute",
    "mlp0",
    "--minus-s1",
    "-n",
    "6",
  ],
  "decompose-project.ipynb": [
    "decompose",
    ...AT,
    "--by",
    "keys",
    "--project",
    "w-u-io",
    "--project",
    "mlp0",
    "--with-s",
    "--minus-s1",
    "-n",
    "6",
  ],
  "decompose-full.py": ["decompose", ...AT, "--full", "--with-s", "--with-name-forms", "-n", "4"],
  "linear-queries.py": ["linear", ...AT, "--of", "queries", "--minus-s1", "-n", "6"],
  "linear-embedded.py": ["linear", ...AT, "--of", "queries", "--effective-embedding", "w-ee", "-n", "6"],
  "linear-keys.ipynb": ["linear", ...AT, "--of", "keys", "-n", "6"],
  "embed.py": ["embed", " Mary", " gave"],
  ...Object.fromEntries(
    ["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"].map((site) => [
      `patch-${site}.py`,
      ["patch", "--site", site, ...STREAM],
    ]),
  ),
  ...Object.fromEntries(
    ["q_input", "k_input", "v_input", "q", "k", "v", "pattern", "z", "result"].map((site) => [
      `patch-${site}.py`,
      ["patch", "--site", site, ...GRID],
    ]),
  ),
  "patch-frozen.py": ["patch", "--site", "q_input,k_input", "--freeze-ln", ...GRID],
  "patch-zero.py": ["patch", "--site", "z,result,v", "--fill", "zero", ...GRID, "--at", "END"],
  "patch-mean.ipynb": ["patch", "--site", "z,pattern", "--fill", "mean", ...GRID, "--metric", "kl"],
  "patch-project.py": ["patch", "--site", "resid_pre", "--project", "W_U[answers],W_U[wrong]", ...STREAM],
  "patch-add.py": ["patch", "--site", "resid_mid", "--add", "W_U[answers-wrong]", "--times", "2", ...STREAM],
  "patch-numbers.py": ["patch", "--site", "z", "--add", "NUMBERS", "--times", "-0.5", ...GRID],
  "patch-score.py": ["patch", "--site", "resid_pre", "--metric", "attn_score_diff[2.1]", ...STREAM],
  "patch-position.py": [
    "patch",
    "--site",
    "resid_pre",
    "--over",
    "layer,position",
    "-n",
    "6",
    "--metric",
    "prob_diff",
    "--direction",
    "noise",
  ],
  "patch-induction.py": [
    "patch",
    "--site",
    "z",
    "--over",
    "layer,head",
    ...TASKS.induction,
    "--metric",
    "log_prob",
  ],
  "patch-pairs.py": [
    "patch",
    "--site",
    "resid_pre",
    "--over",
    "layer,role",
    ...TASKS.pairs,
    "--metric",
    "prob",
  ],
  "attribute.py": ["attribute", "-n", "6"],
  "attribute-zero.ipynb": ["attribute", "-n", "6", "--zero", "1.2@END,0.3@S1+1+S2", "--run", "corrupted"],
  "lens.py": ["lens", "-n", "6"],
  "lens-live.ipynb": ["lens", "-n", "6", "--scale", "live", "--zero", "1.2"],
  "paths.py": ["paths", "-n", "6", "--receivers", "logits"],
  "paths-heads.ipynb": ["paths", "-n", "6", "--receivers", "2.1.q,2.0.k,1.3.v", "--mlps", "frozen"],
  "paths-senders.py": [
    "paths",
    "-n",
    "6",
    "--receivers",
    "2.1.q",
    "--senders",
    "0.2@END,1.1",
    "--metric",
    "prob",
  ],
  "circuit.py": ["circuit", "-n", "6", "--keep", "1.2@END,0.3@S2+S1+1,2.0", "--examine"],
  "heads.py": ["heads", "-n", "6"],
  "attention.py": ["attention", ...AT, "--text", "Mary and John went to the store", "--zero", "1.0@END,0.1"],
  "attention.ipynb": ["attention", ...AT, "-n", "4", "--prompt", "2", "--run", "corrupted"],
};

const NNSIGHT = {
  "nnsight-run.py": LENS["run.py"],
  "nnsight-live.ipynb": LENS["run-live.py"],
  "nnsight-controls.py": LENS["run-controls.ipynb"],
  "nnsight-queries.py": LENS["run-queries.py"],
  "nnsight-keys.py": LENS["run-keys.ipynb"],
  "nnsight-sweep.py": LENS["sweep.py"],
  "nnsight-patch.py": ["patch", "--site", "resid_pre,attn_out,resid_mid,mlp_out,resid_post", ...STREAM],
  "nnsight-of-heads.py": ["patch", "--site", "q_input,k_input,v_input,q,k,v,pattern,z,result", ...GRID],
  "nnsight-frozen.py": LENS["patch-frozen.py"],
  "nnsight-zero.ipynb": LENS["patch-zero.py"],
  "nnsight-mean.py": [
    "patch",
    "--site",
    "z,v,attn_out",
    "--fill",
    "mean",
    "--over",
    "layer",
    "-n",
    "6",
    "--metric",
    "kl",
  ],
  "nnsight-project.py": LENS["patch-project.py"],
  "nnsight-score.py": LENS["patch-score.py"],
  "nnsight-attribute.py": LENS["attribute-zero.ipynb"],
  "nnsight-lens.py": LENS["lens-live.ipynb"],
  "nnsight-paths.py": LENS["paths-heads.ipynb"],
  "nnsight-circuit.py": LENS["circuit.py"],
  "nnsight-heads.ipynb": LENS["heads.py"],
  "nnsight-attention.py": LENS["attention.py"],
  "nnsight-decompose.py": LENS["decompose-full.py"],
  "nnsight-linear.py": LENS["linear-embedded.py"],
  "nnsight-embed.py": LENS["embed.py"],
};

/**
 * Those of NNSIGHT that are also run as they would be on other machines: nnsight's `remote="local"` packs each trace as for NDIF
 * and runs what can be read of that without the program's own files.
 */
const REMOTE = ["nnsight-of-heads.py", "nnsight-project.py", "nnsight-paths.py", "nnsight-decompose.py"];

const folder = mkdtempSync(join(tmpdir(), "patchbay-python-"));
after(() => rmSync(folder, { recursive: true }));
const printed = {};

before(async () => {
  const pairs = join(folder, "pairs.txt");
  writeFileSync(
    pairs,
    "clean,corrupted,answer,wrong\n Jason and Ruby gave the, Jason and Ryan gave the, Ruby| Amy, Ryan\n Jack gave the, Jane gave the, Jack, Jane| John\n",
  );
  const numbers = join(folder, "numbers.json");
  writeFileSync(numbers, JSON.stringify([1, -0.5, 0.25, 2, 0, 1.5, -1, 0.75]));
  const write = async (name, args, library) => {
    const file = join(folder, name);
    const given = args.map((arg) => ({ PAIRS: pairs, NUMBERS: numbers })[arg] ?? arg);
    const all = [...given, "--model", TINY, "--device", "cpu", "--script", file, "--for", library];
    const { code, stderr } = await patchbay(all);
    assert.equal(code, 0, `${name}: ${stderr}`);
    return file;
  };
  const files = [];
  for (const [name, args] of Object.entries(LENS)) files.push(await write(name, args, "transformer-lens"));
  for (const [name, args] of Object.entries(NNSIGHT)) files.push(await write(name, args, "nnsight"));
  files.push(
    changed("run.py", "changed", /("patched": -?[\d.]+)/, "$1 + 0.001"),
    changed("nnsight-patch.py", "changed", /("base": -?[\d.]+)/, "$1 + 0.001"),
    ...REMOTE.map((name) => changed(name, "remote", /REMOTE = False/, 'REMOTE = "local"')),
  );
  const env = { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1" };
  const runner = join(ROOT, "tests", "python", "run_scripts.py");
  const options = { env, maxBuffer: 1 << 26, timeout: 600_000 };
  const { stdout } = await promisify(execFile)(PYTHON, [runner, TINY, ...files], options);
  for (const [file, text] of Object.entries(JSON.parse(stdout.trim().split("\n").at(-1)))) {
    printed[basename(file)] = text;
  }
});

/** A copy in which something is another. */
function changed(name, as, what, to) {
  const text = readFileSync(join(folder, name), "utf8");
  assert.match(text, what);
  const copy = join(folder, name.replace(/\.py$/, `-${as}.py`));
  writeFileSync(copy, text.replace(what, to));
  return copy;
}

/** The differences of a program's lines, the last column, of which its last line says the largest; and what they may be. */
function differences(name) {
  const text = printed[name] ?? "";
  assert.doesNotMatch(text, /Traceback|warning:/, text);
  const table = text.slice(text.indexOf("difference\n")).split("\n").slice(1);
  const end = table.findIndex((line) => line.startsWith("largest difference "));
  assert.ok(end > 0, `${name} prints no table:\n${text}`);
  const columns = table.slice(0, end).map((line) => line.trim().split(/ +/).slice(-2).map(Number));
  const found = columns.map(([, difference]) => difference);
  const largest = Number(table[end].split(" ").at(-1));
  assert.equal(largest, Math.max(...found.map(Math.abs)), name);
  const figure = Math.max(...columns.map(([ours]) => Math.abs(ours)));
  return { found, largest, tolerance: Math.min(TOLERANCE.absolute, TOLERANCE.relative * figure) };
}

const remote = REMOTE.map((name) => name.replace(".py", "-remote.py"));

for (const name of [...Object.keys(LENS), ...Object.keys(NNSIGHT), ...remote])
  test(`${name} prints our figures`, (t) => {
    const { found, largest, tolerance } = differences(name);
    t.diagnostic(`${found.length} figures, largest difference ${largest}`);
    assert.ok(largest < tolerance, printed[name]);
  });

for (const name of ["run-changed.py", "nnsight-patch-changed.py"])
  test(`${name}, with a figure that is not ours, shows it`, () => {
    const { found, tolerance } = differences(name);
    assert.deepEqual(
      found
        .filter((difference) => !(Math.abs(difference) < tolerance))
        .map((difference) => difference.toFixed(4)),
      ["-0.0010"],
    );
  });

test("a notebook is nbformat 4", () => {
  const { nbformat, nbformat_minor, metadata, cells } = JSON.parse(
    readFileSync(join(folder, "attention.ipynb"), "utf8"),
  );
  assert.deepEqual([nbformat, nbformat_minor, metadata.kernelspec.name], [4, 4, "python3"]);
  assert.deepEqual(cells[0].cell_type, "markdown");
  for (const cell of cells) {
    const wanted = { markdown: ["cell_type", "metadata", "source"] };
    wanted.code = ["cell_type", "execution_count", "metadata", "outputs", "source"];
    assert.deepEqual(Object.keys(cell).sort(), wanted[cell.cell_type]);
    assert.ok(cell.source.every((line) => typeof line === "string"));
  }
});
