// What this browser keeps of models, and whether it may delete that by itself.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { messageOf, problemOf } from "../../door/errors.ts";
import type { Standing, StorageReport, StoredModel } from "../../door/protocol.ts";
import type { ModelSource } from "../../door/sources.ts";
import { bytes } from "../../text/format.ts";
import { tell } from "../automation.ts";
import { model } from "../session.ts";
import { current, lab } from "../tasks/queue.ts";
import type { Answer } from "../tasks/task.ts";
import { lastModel, remember } from "./models.ts";

export const stored = signal<StorageReport | null>(null);
/** Why it is not known what is stored, or null. */
export const unreadable = signal<string | null>(null);
/** Why the model of the last run is not kept, where it should be, or null. */
export const unstored = signal<string | null>(null);
/** How stored models compare with what their addresses have by now, by key. */
export const standings = signal<ReadonlyMap<string, Standing>>(new Map());
/** What was done last to the list. */
export const storedNews = signal("");

/** What is kept of a model; null for nothing. */
export function storedOf(id: string): StoredModel | null {
  const bare = (text: string) => text.replace(/\/+$/, "");
  return stored.value?.models.find((kept) => bare(kept.id) === bare(id)) ?? null;
}

/** How what is kept of a model compares with what its address has by now. */
export function standingOf(kept: StoredModel | null): Standing | undefined {
  return kept === null ? undefined : standings.value.get(kept.key);
}

/** The model of an earlier visit that could be used without a download, where another one is set. */
export const offered = computed((): string | null => {
  const id = lastModel.value;
  return id !== null && id !== model.value && storedOf(id)?.complete ? id : null;
});

/** Answers to older requests are dropped. */
let latest = 0;

/** Never throws: what is stored is not what the page is for. */
export async function refreshStored(): Promise<void> {
  latest += 1;
  const turn = latest;
  try {
    const report = await lab.stored();
    const kept = report.unavailable === null ? await isPersistent() : null;
    if (turn !== latest) return;
    batch(() => {
      stored.value = report;
      unreadable.value = null;
      persistent.value = kept;
    });
    tell({ stored: report });
  } catch (error) {
    if (turn === latest) unreadable.value = `What is stored could not be read: ${messageOf(error)}`;
  }
}

/** Deletes what is kept of a model, and says so. */
export async function forget(kept: StoredModel, name: string): Promise<void> {
  storedNews.value = "";
  try {
    await lab.forget(kept.key);
    const next = standings.value.get(kept.key) === "replaced" ? " The next run downloads the new one." : "";
    setStanding(kept.key, "unknown");
    storedNews.value = `Deleted: ${name}, ${bytes(kept.bytes)}.${next}`;
  } catch (error) {
    storedNews.value = `Not deleted: ${name}. ${problemOf(error).message}`;
  }
  await refreshStored();
}

/** After a run that somebody asked for. */
export function modelUsed({ asked, reply: { origin } }: Answer): void {
  remember(asked.model);
  unstored.value = origin.unstored;
  if (origin.from === "storage" || origin.from === "memory") void compare(asked.source);
}

/** Whether the address of a copy that was used has another one by now. */
async function compare(source: ModelSource): Promise<void> {
  if (source.kind !== "url") return;
  // A server that does not answer says nothing of the copy.
  const stood = await lab.standing(source).catch(() => null);
  if (stood !== null) setStanding(stood.key, stood.standing);
}

function setStanding(key: string, standing: Standing): void {
  if (standings.value.get(key) === standing) return;
  standings.value = new Map(standings.value).set(key, standing);
}

/** Whether the browser keeps what is stored until it is told otherwise; null where it does not say. */
export const persistent = signal<boolean | null>(null);
/** It was asked to, and did not agree. */
export const declined = signal(false);

// Typed as always there, but pages that were not opened over https have none.
const storage = globalThis.navigator?.storage as StorageManager | undefined;

export async function askToPersist(): Promise<void> {
  // Some browsers ask the user, the others decide for themselves.
  declined.value = !(await storage?.persist().catch(() => false));
  persistent.value = await isPersistent();
}

async function isPersistent(): Promise<boolean | null> {
  return (await storage?.persisted?.().catch(() => null)) ?? null;
}

let askedOnce = false;

/** Keeps it up to date: after every run, when the page is seen again, when another tab deletes something. */
export function watchStored(): void {
  void refreshStored();
  let before = current.peek();
  effect(() => {
    if (before !== null && current.value === null) void untracked(refreshStored);
    before = current.value;
  });
  effect(() => {
    const step = current.value?.step.value;
    // So much is worth keeping; the small files would not be.
    if (askedOnce || step?.phase !== "load" || step.stage !== "download" || step.what !== "model.safetensors")
      return;
    askedOnce = true;
    void isPersistent().then((is) => (is === false ? askToPersist() : undefined));
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refreshStored();
  });
  new BroadcastChannel("patchbay forgotten models").addEventListener("message", () => void refreshStored());
}
