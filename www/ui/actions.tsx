// Buttons for what can be taken away, and a line for how that went.

import { useSignal } from "@preact/signals";
import { messageOf } from "../door/errors.ts";
import { copyText } from "./clipboard.ts";
import { save } from "./save.ts";

export interface Action {
  /** On its button: "Copy script". */
  press: string;
  /** What there is none of where it fails. */
  what: string;
  /** Says how it went; "" where there is nothing to say. */
  work: () => Promise<string>;
}

export const copyOf = (what: string, text: () => Promise<string>): Action => ({
  press: `Copy ${what}`,
  what,
  work: async () => {
    const content = text();
    try {
      await copyText(content);
      return "Copied.";
    } catch {
      await content;
      return "The clipboard is not available: select the text, and copy it.";
    }
  },
});

export interface SavedFile {
  name: string;
  mime: string;
}

export const fileOf = (what: string, { name, mime }: SavedFile, text: () => Promise<string>): Action => ({
  press: `Download ${what}`,
  what,
  work: async () => {
    save(name, new Blob([await text()], { type: mime }));
    return "";
  },
});

export function Actions({ actions }: { actions: readonly Action[] }) {
  const status = useSignal("");
  const press = async ({ what, work }: Action) => {
    try {
      status.value = await work();
    } catch (error) {
      status.value = `No ${what}. ${messageOf(error)}`;
    }
  };
  return (
    <div class="actions">
      {actions.map((action) => (
        <button key={action.press} type="button" onClick={() => press(action)}>
          {action.press}
        </button>
      ))}
      <p class="hint" role="status">
        {status}
      </p>
    </div>
  );
}
