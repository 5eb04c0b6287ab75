// The peers that `npm run bench -- --peers` measures: installed on demand into target/peers, where nothing else sees them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, ROOT, run, say } from "../../lib/run.mjs";
import { clearStamp, hashOf, readStamp, sha256, writeStamp } from "../../lib/stamp.mjs";
import { pythonEnvironment } from "../../setup/python.mjs";

export const FOLDER = "target/peers";
const GRAPH = "scripts/bench/peers/onnx_graph.py";

/** Run in a tab. The second brings an ONNX Runtime Web of its own. */
const NPM = { "onnxruntime-web": "1.30.0", "@huggingface/transformers": "4.3.2" };
/** Writes the model for both, with what it needs besides target/python's packages. Those have the native peers too. */
const PYTHON = ["onnx==1.23.2", "ml_dtypes==0.6.0"];

/** Everything that is needed, with the checkpoint as an ONNX file; the Python interpreter. */
export async function setupPeers(checkpoint) {
  const { python, lack } = await pythonEnvironment();
  if (lack) throw new Failure(`--peers: ${lack}`);
  await packages(python);
  await onnxFile(python, checkpoint);
  return { python, versions: installed() };
}

async function packages(python) {
  const inputs = sha256(JSON.stringify([NPM, PYTHON, python]));
  const there = ["npm", "python"].every((name) => existsSync(join(ROOT, FOLDER, name)));
  if (there && readStamp("peers", inputs, []) !== null) return;
  clearStamp("peers");
  say(`setup: peers into ${FOLDER}`);
  const folder = join(ROOT, FOLDER, "npm");
  mkdirSync(folder, { recursive: true });
  // Their own scripts would fetch programs for Node, which no tab takes.
  const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: NPM }));
  await run("npm", ["install", "--prefix", folder, ...options], { quiet: true });
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--no-cache-dir",
    "--disable-pip-version-check",
  ];
  await run(python, [...pip, "--upgrade", "--target", join(ROOT, FOLDER, "python"), ...PYTHON], {
    quiet: true,
  });
  writeStamp("peers", inputs, []);
}

/** The folder is as transformers.js wants it. */
async function onnxFile(python, checkpoint) {
  const folder = join(FOLDER, "gpt2");
  const file = join(ROOT, folder, "onnx", "model.onnx");
  const inputs = hashOf([GRAPH, checkpoint]);
  if (existsSync(file) && readStamp("peers-onnx", inputs, []) !== null) return;
  clearStamp("peers-onnx");
  say("setup: the checkpoint as an ONNX file");
  const env = { PYTHONPATH: join(ROOT, FOLDER, "python") };
  await run(python, [join(ROOT, GRAPH), join(ROOT, checkpoint), file], { env, quiet: true });
  const config = readFileSync(join(ROOT, checkpoint, "config.json"));
  writeFileSync(join(ROOT, folder, "config.json"), config);
  writeStamp("peers-onnx", inputs, []);
}

/** What npm has installed, with the runtime within transformers.js. */
function installed() {
  const modules = join(ROOT, FOLDER, "npm", "node_modules");
  const version = (...path) =>
    JSON.parse(readFileSync(join(modules, ...path, "package.json"), "utf8")).version;
  const transformers = "@huggingface/transformers";
  return {
    "onnxruntime-web": version("onnxruntime-web"),
    "transformers.js": version(transformers),
    "its onnxruntime-web": version(transformers, "node_modules", "onnxruntime-web"),
  };
}
