// What tools that drive the page can read: the state on <html data-state>, figures on window.patchbay.

import type { LoadStep, StorageReport } from "./protocol.ts";
import type { PageResult } from "./result.ts";

export type PageState = "ready" | "loading" | "running" | "done" | "error" | "cancelled";

interface Automation {
  /** The result that the page shows. */
  result: PageResult | null;
  error: { name: string; message: string } | null;
  /** The last step of reading the model. */
  load: LoadStep | null;
  /** What the page says is stored. */
  stored: StorageReport | null;
}

declare global {
  interface Window {
    patchbay: Automation;
  }
}

window.patchbay = { result: null, error: null, load: null, stored: null };

export function setState(state: PageState): void {
  document.documentElement.dataset.state = state;
}
