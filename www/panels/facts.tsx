// What an answer was computed on: the model and where it came from, the device, the times it took; folded, with tables that
// are looked up rather than read.

import type { LoadTimes, ModelOrigin } from "../door/protocol.ts";
import { hashes } from "../store/runs/identity.ts";
import type { Answer } from "../store/tasks/task.ts";
import { bytes, count, duration, short, small } from "../text/format.ts";
import { WithTerms } from "../ui/floating/term.tsx";
import { WordsTable } from "../ui/tables/words-table.tsx";
import { AsProgram } from "./program/index.tsx";
import "./facts.css";

/** A name, what is said of it, and all of that where it is shown shortened. */
type Entry = readonly [name: string, text: string, whole?: string];

/** Tables that are looked up rather than read, by name. */
export const FOLDED: readonly string[] = ["evidence", "conditions"];

export function Facts({ answer }: { answer: Answer }) {
  const { reply } = answer;
  const folded = reply.report?.tables.filter(({ name }) => FOLDED.includes(name)) ?? [];
  return (
    <>
      <AsProgram answer={answer} />
      <details class="folded">
        <summary>{folded.length > 0 ? "Evidence, model" : "Model"}, device and times</summary>
        {folded.map((table) => (
          <WordsTable key={table.name} table={table} />
        ))}
        <div class="facts">
          <Entries title="Model" entries={modelEntries(reply)} />
          <Entries title="Device" entries={deviceEntries(reply)} />
          <Entries title="Times" entries={timeEntries(reply)} />
        </div>
      </details>
    </>
  );
}

function Entries({ title, entries }: { title: string; entries: readonly Entry[] }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl>
        {entries.map(([name, text, whole]) => (
          <div>
            <dt>
              <WithTerms text={name} />
            </dt>
            <dd title={whole}>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const FROM: Record<ModelOrigin["from"], string> = {
  memory: "memory: read for an earlier run",
  site: "this site",
  network: "the network",
  storage: "this browser's storage, without network",
  folder: "the picked folder",
};

export function modelEntries({ origin, model }: Answer["reply"]): Entry[] {
  const { from, revision, notes, unstored } = origin;
  return [
    ["from", FROM[from]],
    ...(revision === null ? [] : [["revision", short(revision), revision] as const]),
    ["weights", bytes(origin.bytes)],
    ...hashes(origin).map(({ part, sha256 }): Entry => [`SHA-256 of ${part}`, short(sha256), sha256]),
    ["shape", `${model.n_layer} layers × ${model.n_head} heads, d_model ${model.d_model}`],
    ["parameters", count(model.parameters)],
    ...[...notes, ...(unstored === null ? [] : [unstored])].map((note): Entry => ["note", note]),
  ];
}

export function deviceEntries({ device, note }: Answer["reply"]): Entry[] {
  const { self_check: check, adapter, threads } = device;
  const checked = check
    ? `${check.passed ? "passed" : "failed"}: GPU and CPU differ by at most ${small(check.max_difference)} (allowed ${small(check.tolerance)})`
    : "not needed, this is the CPU";
  return [
    ["in use", device.device === "gpu" ? "GPU (WebGPU)" : "CPU (WebAssembly)"],
    ...(device.device === "gpu" ? [] : [["threads", count(threads)] as const]),
    ["adapter", adapter],
    ["self-check", checked],
    ...(note === null ? [] : [["note", note] as const]),
  ];
}

export function timeEntries({ timings_ms, origin }: Answer["reply"]): Entry[] {
  const read =
    origin.from === "memory" ? "model already in memory" : `${duration(timings_ms.load)}, files included`;
  return [
    ["load", read],
    ...(origin.load_ms === null ? [] : [["of which", phases(origin.load_ms)] as const]),
    ["run", duration(timings_ms.run)],
  ];
}

/** What took no time did not happen. */
function phases({ network, storage, hash, process }: LoadTimes): string {
  const named = Object.entries({ network, storage, "SHA-256": hash, processing: process });
  return named
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${duration(ms)}`)
    .join(" · ");
}
