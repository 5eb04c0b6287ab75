// What the answer in view was computed with: the model, by its hashes, the device, and the time that it took.

import type { ModelOrigin } from "../../door/protocol.ts";
import { modelName } from "../../door/sources.ts";
import type { Answer } from "../../store/task.ts";
import { bytes, count, duration, short, small } from "../../text/format.ts";

/** A term and what is said of it; the whole of what is shortened. */
type Entry = readonly [string, string, string?];

export function Facts({ answer }: { answer: Answer }) {
  return (
    <section class="facts">
      <h3>What the answer in view was computed with</h3>
      <List entries={[["model", modelName(answer.asked.model)], ...modelEntries(answer)]} />
      <List entries={deviceEntries(answer)} />
      <List entries={timingEntries(answer)} />
    </section>
  );
}

function List({ entries }: { entries: readonly Entry[] }) {
  return (
    <dl>
      {entries.map(([term, text, whole]) => (
        <div key={term + text}>
          <dt>{term}</dt>
          <dd title={whole}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

const FROM: Record<ModelOrigin["from"], string> = {
  memory: "memory: read for an earlier run",
  site: "this site",
  network: "the network",
  storage: "this browser's storage, without network",
  folder: "the picked folder",
};

type Reply = Pick<Answer, "reply">;

export function modelEntries({ reply: { origin, model } }: Reply): Entry[] {
  const { from, revision, notes, unstored } = origin;
  const hash = (part: string, sha256: string): Entry => [`SHA-256 of ${part}`, short(sha256), sha256];
  return [
    ["from", FROM[from]],
    ...(revision === null ? [] : [["revision", short(revision), revision] as const]),
    ["shape", `${model.n_layer} layers of ${model.n_head} heads, d_model ${model.d_model}`],
    ["parameters", count(model.parameters)],
    ["weights", bytes(origin.bytes)],
    hash("weights", origin.sha256),
    hash("configuration", origin.config_sha256),
    hash("tokenizer", origin.tokenizer_sha256),
    ...[...notes, ...(unstored === null ? [] : [unstored])].map((note) => ["note", note] as const),
  ];
}

export function deviceEntries({ reply: { device, note } }: Reply): Entry[] {
  const { self_check: check } = device;
  return [
    ["device", device.device === "gpu" ? "GPU (WebGPU)" : "CPU (WebAssembly)"],
    ["adapter", device.adapter],
    [
      "self-check",
      check === null
        ? "not needed, this is the CPU"
        : `${check.passed ? "passed" : "failed"}: GPU and CPU differ by at most ${small(check.max_difference)} (allowed ${small(check.tolerance)})`,
    ],
    ...(note === null ? [] : [["note", note] as const]),
  ];
}

export function timingEntries({ reply: { timings_ms, origin } }: Reply): Entry[] {
  const { from, load_ms } = origin;
  return [
    ["load", from === "memory" ? "model already in memory" : `${duration(timings_ms.load)}, files included`],
    ...(load_ms === null ? [] : [["of which", phases(load_ms)] as const]),
    ["run", duration(timings_ms.run)],
  ];
}

const PHASES = { network: "network", storage: "storage", hash: "SHA-256", process: "processing" } as const;

/** What took no time did not happen. */
function phases(times: Record<keyof typeof PHASES, number>): string {
  return (Object.keys(PHASES) as (keyof typeof PHASES)[])
    .filter((phase) => times[phase] > 0)
    .map((phase) => `${PHASES[phase]} ${duration(times[phase])}`)
    .join(" · ");
}
