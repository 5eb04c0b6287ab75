// A run in a line: for the native command, and to be cited.

import { revision as HUB_REVISION } from "../../../crate/src/hub.json";
import type { ExperimentResult } from "../../../pkg/cpu/patchbay.js";
import { FOLDER_ID, HUB_ID, modelName, URL_PREFIX } from "../../door/sources.ts";
import { hashes } from "../../store/identity.ts";
import { defaults } from "../../store/session.ts";
import type { Answer } from "../../store/task.ts";
import { APP_VERSION } from "../../store/version.ts";
import { fileName } from "../report.tsx";

export type Run = Answer<ExperimentResult>;

/** What names of a run's files begin with: which model, question, head, prompts and seed. */
export function stemOf({ asked, reply }: Run): string {
  return ["patchbay", fileName(modelName(asked.model)), "place", reply.report?.stem ?? ""]
    .filter(Boolean)
    .join("-");
}

/** `patchbay run …`, for a POSIX shell. Own prompts are read from a file of this name. */
export function commandLine({ asked, reply }: Run, promptsFile: string): string {
  const { experiment, dataset, flip, freeze_ln, name_mover } = reply.result.spec;
  const [layer, head] = reply.result.head;
  const usual = defaults.value;
  const made =
    dataset.prompts === undefined
      ? [
          ["-n", dataset.n],
          ...(dataset.symmetric ? [] : [["--no-symmetric"]]),
          ...(dataset.prompt_type === usual.prompt_type ? [] : [["--prompt-type", dataset.prompt_type]]),
        ]
      : [["--prompts", promptsFile]];
  return [
    ["patchbay run"],
    ["--model", place(asked.model)],
    ...(experiment === usual.experiment ? [] : [["--experiment", experiment]]),
    ["--layer", layer],
    ["--head", head],
    ...(name_mover === undefined ? [] : [["--name-mover", name_mover.join(".")]]),
    ...made,
    ["--seed", dataset.seed],
    ...(dataset.prepend_bos ? [] : [["--no-bos"]]),
    ...(flip === usual.flip ? [] : [["--flip", flip]]),
    ...(freeze_ln ? [] : [["--live-ln"]]),
    ...(reply.result.accuracy === null ? [] : [["--accuracy"]]),
  ]
    .map(([option, ...values]) => [option, ...values.map((value) => quoted(String(value)))].join(" "))
    .join(" ");
}

function place(model: string): string {
  if (model === HUB_ID) return `${HUB_ID}@${HUB_REVISION}`;
  return model === FOLDER_ID ? "FOLDER" : model.replace(URL_PREFIX, "");
}

/** A text as one word of a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A line by which others can find and repeat this run. */
export function citation({ asked, reply, date }: Run): string {
  const { origin, device, result } = reply;
  const { experiment, dataset, flip, freeze_ln } = result.spec;
  const { n, seed, symmetric, prompt_type, prepend_bos, prompts } = dataset;
  const named = asked.model === FOLDER_ID ? "a model from a folder" : asked.model.replace(URL_PREFIX, "");
  const made =
    prompts === undefined
      ? [`n=${n}`, `seed ${seed}`, prompt_type, symmetric ? "symmetric" : "not symmetric"]
      : [`${prompts.length} own prompts`, `seed ${seed}`];
  const parts = hashes(origin).map(({ part, sha256 }) => `${sha256.slice(0, 12)} (${part})`);
  return `${[
    `Patchbay ${APP_VERSION}`,
    `${named}${origin.revision === null ? "" : `, revision ${origin.revision}`}, SHA-256 ${parts.join(", ")}`,
    `${experiment.replaceAll("_", " ")}, head ${result.head.join(".")}`,
    [
      ...made,
      prepend_bos ? "BOS" : "no BOS",
      `flip "${flip}"`,
      `LayerNorm scale ${freeze_ln ? "frozen" : "live"}`,
      device.device.toUpperCase(),
    ].join(", "),
    date.slice(0, 10),
  ].join("; ")}.`;
}

/** What the notebook prints for GPT-2 small with its settings. */
const NOTEBOOK: Readonly<Record<string, number>> = { clean: 3.2874, patched: 2.9462, projected: 1.2586 };

/** The notebook's figures, where they are for exactly this model and these settings; else null. */
export function notebookFigures({ asked, reply }: Run): Readonly<Record<string, number>> | null {
  const { experiment, dataset, flip, freeze_ln } = reply.result.spec;
  const { n, seed, symmetric, prompt_type, prepend_bos, prompts } = dataset;
  const settings = { experiment, n, seed, symmetric, prompt_type, prepend_bos, flip, freeze_ln };
  const usual = Object.entries(settings).every(([name, value]) => String(value) === defaults.value[name]);
  const theirs = asked.model === HUB_ID && reply.result.head.join(".") === "10.7" && prompts === undefined;
  return theirs && usual ? NOTEBOOK : null;
}
