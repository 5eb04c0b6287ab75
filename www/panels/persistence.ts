// Whether the browser may delete what is stored when the disk gets full, and asking it not to.

import { byId } from "../dom.ts";

const button = byId("persist", HTMLButtonElement);
const status = byId("persist-status", HTMLElement);

// Typed as always there, but pages that were not opened over https have none.
const storage = navigator.storage as StorageManager | undefined;
let askedOnce = false;
let declined = false;

button.addEventListener("click", () => void ask());

/** `storable`: there can be something to keep. */
export async function showPersistence(storable: boolean): Promise<void> {
  const persistent = storable ? await isPersistent() : null;
  button.hidden = persistent !== false;
  status.textContent = persistent === null ? "" : persistent ? KEPT : declined ? DECLINED : MAY_GO;
}

/** Once in a visit, without being told to: when a large download begins. */
export async function askOnce(): Promise<void> {
  if (askedOnce) return;
  askedOnce = true;
  if ((await isPersistent()) === false) await ask();
}

async function ask(): Promise<void> {
  // Some browsers ask the user, the others decide for themselves.
  declined = !(await storage?.persist().catch(() => false));
  await showPersistence(true);
}

/** null where there is no such thing. */
async function isPersistent(): Promise<boolean | null> {
  return (await storage?.persisted?.().catch(() => null)) ?? null;
}

const KEPT = "The storage is persistent: the browser deletes it only when you tell it to.";
const MAY_GO = "The storage is not persistent: the browser may delete it when the disk gets full.";
const DECLINED = `${MAY_GO} It was asked to keep it, and declined; it may agree when you use this page more often, or after a bookmark.`;
