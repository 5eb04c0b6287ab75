// The headless command's options: those of `patchbay run`, and some of its own.
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure, ROOT } from "./run.mjs";

const CARD = join(ROOT, "www/public/models/ioi-mini/card.json");
const { default_head: miniHead } = JSON.parse(readFileSync(CARD, "utf8"));

export const USAGE = `usage: npm run headless -- [options]

  --model DIR|URL          a folder or base URL with config.json, tokenizer.json and model.safetensors,
                           or openai-community/gpt2 (from the hub); without it ioi-mini, the page's own
  --layer N --head N       the head (${miniHead.join(" ")} of ioi-mini, 10 7 of others that have it)
  -n N --seed N            number of prompts and seed (150 42)
  --symmetric|--no-symmetric, --prompt-type mixed|ABBA|BABA, --no-bos, --flip RULES
  --live-ln                recompute the LayerNorm scale instead of freezing it
  --accuracy               also the share of prompts with logit[IO] > logit[S]
  --device auto|cpu|webgpu
  --json                   one JSON object instead of the table
  --verbose                also the answer in words, and the page's own log
  --timeout SECONDS        (1800)   --screenshot FILE.png   of the page at the end
  --no-build               take dist/ as it is`;

const HUB = "openai-community/gpt2";
const MINI = "ioi-mini";
const flag = { type: "boolean", default: false };
const text = (value) => ({ type: "string", default: value });

const OPTIONS = {
  model: text(MINI),
  layer: { type: "string" },
  head: { type: "string" },
  n: { ...text("150"), short: "n" },
  seed: text("42"),
  symmetric: flag,
  "no-symmetric": flag,
  "prompt-type": text("mixed"),
  flip: text("ABB -> BAB, BAB -> ABB"),
  "no-bos": flag,
  "live-ln": flag,
  accuracy: flag,
  device: text("auto"),
  json: flag,
  verbose: flag,
  timeout: text("1800"),
  screenshot: { type: "string" },
  "no-build": flag,
  help: { ...flag, short: "h" },
};

/** Where the user was: npm changes to the project's top before it runs a script. */
const userPath = (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path);

/** @returns values with `modelFolder` or `modelUrl` or neither (known by name), `screenshot` an absolute path */
export function readOptions(args) {
  try {
    const { values } = parseArgs({ args, options: OPTIONS });
    return values.help ? values : { ...values, ...checked(values) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `${error.message.split(/\n|\. To specify/)[0].replace(/\.$/, "")} (--help lists the options)`,
      2,
    );
  }
}

// What the page checks itself (ranges, the flip, …) is left to it: its messages are part of what is run here.
function checked({ model, symmetric, "no-symmetric": notSymmetric, timeout, device, screenshot }) {
  if (symmetric && notSymmetric) throw new Error("--symmetric and --no-symmetric exclude each other");
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 86_400))
    throw new Error(`--timeout ${timeout}: expected seconds, up to 86400`);
  return {
    timeout: seconds,
    device: device === "gpu" ? "webgpu" : device, // its name of old, as for `patchbay run`
    ...(screenshot === undefined ? {} : { screenshot: userPath(screenshot) }),
    ...modelPlace(model),
  };
}

function modelPlace(model) {
  if (model === HUB || model === MINI) return {};
  if (/^https?:\/\//.test(model)) return { modelUrl: model.endsWith("/") ? model : `${model}/` };
  const folder = userPath(model);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`--model ${model}: no such folder`); // exit 1: the argument is well formed
  return { modelFolder: folder };
}

/** Of models that are known by name; which head others are asked about is theirs to say, unless half of it is. */
function headOf({ model, layer, head }) {
  if (layer === undefined && head === undefined && model !== MINI && model !== HUB) return ["", ""];
  const usual = model === MINI ? miniHead : [10, 7];
  return [String(layer ?? usual[0]), String(head ?? usual[1])];
}

/** The page's share link for these options. */
export function shareLink(options, modelId) {
  const [layer, head] = headOf(options);
  return new URLSearchParams({
    v: "1",
    experiment: "patching_positions",
    model: modelId ?? options.model,
    layer,
    head,
    n: options.n,
    seed: options.seed,
    symmetric: String(!options["no-symmetric"]),
    prompt_type: options["prompt-type"],
    prepend_bos: String(!options["no-bos"]),
    flip: options.flip,
    freeze_ln: String(!options["live-ln"]),
    device: options.device,
    accuracy: String(options.accuracy),
  }).toString();
}
