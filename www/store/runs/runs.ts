// Finished runs of any question, the newest first. They stay across reloads, in this browser's storage; where that is not to
// be had, until the tab is closed.

import { signal } from "@preact/signals";
import { isNamed, messageOf } from "../../door/errors.ts";
import { within } from "../../door/limits.ts";
import type { Answer, Task } from "../tasks/task.ts";
import { APP_VERSION } from "../version.ts";
import { identityKey } from "./identity.ts";
import { deleteRecord, type Kept, readRecord, recordKeys, writeRecord } from "./records.ts";

export type { Kept };

export const runs = signal<readonly Kept[]>([]);
/** Why runs are not kept, or null. */
export const unkept = signal<string | null>(null);
/** Keys of records that cannot be read. */
export const unreadableRuns = signal<readonly string[]>([]);

const MOST = 20;
/** Some tens of megabytes; the default run has a few thousand, one of 10 000 prompts with every control half a million. */
const MOST_NUMBERS = 3_000_000;
/** A storage that does not answer is gone without. */
const PATIENCE_S = 5;

/** The last number that was given. */
let last = 0;
/** Those that are in storage. */
const written = new Set<string>();
let restored: Promise<void> | null = null;
let channel: BroadcastChannel | null = null;

/** Never throws: runs are shown all the same. */
export function restoreRuns(): Promise<void> {
  restored ??= (async () => {
    channel = new BroadcastChannel("patchbay runs");
    channel.addEventListener("message", () => void follow());
    await follow();
  })();
  return restored;
}

/** Takes over what is in storage, also what another tab has done to it. */
async function follow(): Promise<void> {
  const late = () => new Error("the browser's storage does not answer");
  await within(PATIENCE_S, read(), late).catch((error) => notKept("Runs are", error));
}

async function read(): Promise<void> {
  const there = new Set(await recordKeys());
  const gone = [...written].filter((key) => !there.has(key));
  for (const key of gone) written.delete(key);
  runs.value = runs.value.filter(({ key }) => !gone.includes(key));
  const known = new Set([...runs.value.map(({ key }) => key), ...unreadableRuns.value]);
  const broken = unreadableRuns.value.filter((key) => there.has(key));
  // One after another: together, large ones would hold the page up.
  for (const key of there) {
    if (known.has(key)) continue;
    const run = await readRecord(key);
    if (run === null) {
      broken.push(key);
      continue;
    }
    written.add(key);
    last = Math.max(last, run.number);
    take(run);
  }
  unreadableRuns.value = broken;
}

/** Among the others, the latest first; what is too much for the list is let go. */
function take(run: Kept): void {
  const all = [...runs.value.filter(({ key }) => key !== run.key), run];
  all.sort((a, b) => b.number - a.number || b.answer.date.localeCompare(a.answer.date));
  const stay = newest(all);
  for (const { key } of all) if (!stay.some((other) => other.key === key)) void drop(key);
  runs.value = stay;
}

/** Keeps a task's answer. The same question again is the same run, with the same numbers. */
export async function keep(
  panel: string,
  { answer: { value: answer } }: Pick<Task, "answer">,
): Promise<void> {
  if (answer === null) return;
  await restoreRuns();
  const same = runs.value.find((run) => run.panel === panel && isSame(run, answer));
  if (same !== undefined) {
    runs.value = runs.value.map((run) => (run === same ? { ...same, answer } : run));
    return;
  }
  last += 1;
  const run = { key: `${answer.date} ${Math.random()}`, number: last, panel, version: APP_VERSION, answer };
  take(run);
  try {
    await writeRecord(run);
    written.add(run.key);
    unkept.value = null;
    channel?.postMessage(run.key);
  } catch (error) {
    notKept(`Run ${run.number} is`, error);
  }
}

export async function removeRun({ key }: Kept): Promise<void> {
  runs.value = runs.value.filter((run) => run.key !== key);
  await drop(key);
}

/** Deletes what cannot be read. */
export async function removeUnreadable(): Promise<void> {
  const broken = unreadableRuns.value;
  unreadableRuns.value = [];
  await Promise.all(broken.map(drop));
}

async function drop(key: string): Promise<void> {
  written.delete(key);
  try {
    await deleteRecord(key);
    channel?.postMessage(key);
  } catch (error) {
    console.warn("a run could not be deleted:", messageOf(error));
  }
}

function notKept(what: string, error: unknown): void {
  const why = isNamed(error, "QuotaExceededError") ? "the storage is full" : messageOf(error);
  unkept.value = `${what} not kept for the next visit: ${why}. Runs stay in this tab while it is open.`;
}

function isSame({ version, answer: { key, reply } }: Kept, other: Answer): boolean {
  const of = ({ origin, device }: Answer["reply"]) => identityKey(origin) + device.device;
  return version === APP_VERSION && key === other.key && of(reply) === of(other.reply);
}

/** The newest of them, which come first; that one in any case. */
export function newest(runs: readonly Kept[]): Kept[] {
  let numbers = 0;
  return runs.slice(0, MOST).filter(({ answer }, place) => {
    numbers += numbersIn(answer.reply);
    return place === 0 || numbers <= MOST_NUMBERS;
  });
}

/** Numbers and texts in it, however deep. */
function numbersIn(value: unknown): number {
  if (Array.isArray(value) && typeof value[0] === "number") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + numbersIn(part), 0);
}
