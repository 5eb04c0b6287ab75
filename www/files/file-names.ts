// The files that a model may consist of.

export const CONFIG = "config.json";
export const TOKENIZER = "tokenizer.json";
/** What a tokenizer is made of where there is no tokenizer.json. */
export const VOCABULARY = "vocab.json";
export const MERGES = "merges.txt";
export const WEIGHTS = "model.safetensors";
/** Lists the files of weights that come in several. */
export const INDEX = "model.safetensors.index.json";
/** PyTorch's, which is not read: how to convert it is said. */
export const PYTORCH = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

const CONVERT = `python3 -c "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T; [k.from_pretrained('FOLDER').save_pretrained('NEW') for k in (M, T)]"`;

/** The weights are there for PyTorch only. */
export function onlyPytorch(name: string): string {
  return `The model's weights are in ${name} only, which this page does not read: Python may hide programs in it. Convert the model where you trust it (${CONVERT}, with its folder or its OWNER/NAME), and pick the new folder.`;
}

/** What a folder with these files lacks, or null. */
export function folderProblem(names: readonly string[]): string | null {
  const has = (name: string) => names.includes(name);
  const lacks = [
    has(CONFIG) ? "" : CONFIG,
    has(TOKENIZER) || (has(VOCABULARY) && has(MERGES))
      ? ""
      : `${TOKENIZER} (nor ${VOCABULARY} with ${MERGES})`,
    has(WEIGHTS) || has(INDEX) ? "" : `${WEIGHTS} (nor ${INDEX} with its files)`,
  ].filter(Boolean);
  if (lacks.length === 0) return null;
  const pytorch = PYTORCH.find(has);
  if (pytorch !== undefined && !has(WEIGHTS) && !has(INDEX)) return onlyPytorch(pytorch);
  const found = [...names].sort().slice(0, 8).join(", ") || "no files at its top";
  return `The folder has no ${lacks.join(" and no ")}; found ${found}. Pick the folder that holds all of them.`;
}

export function isWeights(name: string): boolean {
  return name.endsWith(".safetensors");
}

/** The files that a model with these still needs. `index`: the content of its index, where it has one. */
export function wanted(names: readonly string[], index: string | null): string[] {
  const has = (name: string) => names.includes(name);
  const tokenizer = !has(TOKENIZER) && (has(VOCABULARY) || has(MERGES)) ? [VOCABULARY, MERGES] : [TOKENIZER];
  const weights = !has(WEIGHTS) && has(INDEX) ? [INDEX, ...shardsOf(index)] : [WEIGHTS];
  return [CONFIG, ...tokenizer, ...weights];
}

/** As far as it can be read: whether it is right is the crate's to say. */
function shardsOf(index: string | null): string[] {
  try {
    const { weight_map } = JSON.parse(index ?? "") as { weight_map: Record<string, string> };
    return [...new Set(Object.values(weight_map))];
  } catch {
    return [];
  }
}
