// The peers that run in a tab, called there: what each is loaded with, and one forward of many batches.

const FOLDER = "/target/peers";
const PACKAGES = `${FOLDER}/npm/node_modules`;

const seconds = (begun) => (performance.now() - begun) / 1000;

/** What gives the logits at END, (row, vocab), of a batch whose rows are of one length. */
let forward;

const PEERS = {
  async "onnxruntime-web"(threads) {
    const folder = `${PACKAGES}/onnxruntime-web/dist`;
    const ort = await import(`${folder}/ort.wasm.min.mjs`);
    ort.env.wasm.wasmPaths = `${folder}/`;
    ort.env.wasm.numThreads = threads;
    const model = new Uint8Array(await (await fetch(`${FOLDER}/gpt2/onnx/model.onnx`)).arrayBuffer());
    return async () => {
      const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
      forward = async (ids, shape) => {
        const { logits } = await session.run({ input_ids: new ort.Tensor("int64", ids, shape) });
        return logits.data;
      };
    };
  },
  async "transformers.js"(threads) {
    const folder = `${PACKAGES}/@huggingface/transformers`;
    const { env, AutoModelForCausalLM, Tensor } = await import(`${folder}/dist/transformers.min.js`);
    const { wasm } = env.backends.onnx;
    wasm.wasmPaths = `${folder}/node_modules/onnxruntime-web/dist/`;
    wasm.numThreads = threads;
    Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: `${FOLDER}/` });
    Object.assign(env, { useBrowserCache: false, useWasmCache: false });
    return async () => {
      const model = await AutoModelForCausalLM.from_pretrained("gpt2", { dtype: "fp32", device: "wasm" });
      forward = async (ids, shape) =>
        (await model({ input_ids: new Tensor("int64", ids, shape) })).logits.data;
    };
  },
};

/** Loads a peer; the seconds of making its session. Of transformers.js they have the reading of the file in them. */
export async function load(name, threads) {
  if (threads > 1 && !crossOriginIsolated) throw new Error("the page is not cross-origin isolated");
  const create = await PEERS[name](threads);
  const begun = performance.now();
  await create();
  return seconds(begun);
}

/** One forward of each batch (rows of token ids): seconds in all, and the logit difference of each row. */
export async function run(batches) {
  const begun = performance.now();
  const differences = [];
  for (const { rows, answers, wrong } of batches) {
    const ids = BigInt64Array.from(rows.flat(), BigInt);
    const logits = await forward(ids, [rows.length, rows[0].length]);
    const vocabulary = logits.length / rows.length;
    const mean = (row, tokens) =>
      tokens.reduce((sum, token) => sum + logits[row * vocabulary + token], 0) / tokens.length;
    differences.push(rows.map((_, row) => mean(row, answers[row]) - mean(row, wrong[row])));
  }
  return { seconds: seconds(begun), differences };
}
