// "Copy link": puts the settings into the address and on the clipboard, and says beside itself how that went.

import { useEffect, useRef, useState } from "preact/hooks";
import { MAX_LENGTH } from "../../store/link/link.ts";
import { task, texts } from "../../store/session.ts";
import { vectorOf } from "../../store/vector.ts";
import { count } from "../../text/format.ts";
import { visible } from "../../text/plain-text.ts";
import { copyText } from "../../ui/clipboard.ts";
import { save } from "../../ui/save.ts";
import { linkOf, NoLink, type Said, settingsNow } from "./link-now.ts";
import "./share.css";

export function Share() {
  const [said, setSaid] = useState<Said | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [all, none] = [box.current, () => setSaid(null)];
    if (said === null || all === null) return;
    const away = ({ target }: Event) => target instanceof Node && !all.contains(target) && none();
    const onEscape = ({ key }: KeyboardEvent) => key === "Escape" && none();
    for (const event of ["pointerdown", "focusin"]) document.addEventListener(event, away);
    all.addEventListener("keydown", onEscape);
    return () => {
      for (const event of ["pointerdown", "focusin"]) document.removeEventListener(event, away);
      all.removeEventListener("keydown", onEscape);
    };
  }, [said]);
  return (
    <div class="share" ref={box}>
      <button
        type="button"
        onClick={async () => {
          const copying = copyLink();
          // What is said again is heard again only where it was gone.
          setSaid(null);
          setSaid(await copying);
        }}
      >
        Copy link
      </button>
      <div class="share-said">
        <p role="status">{said?.text}</p>
        {said?.link && <Field link={said.link} />}
        {said?.prompts && (
          <button type="button" onClick={() => savePrompts(said.prompts ?? "")}>
            Save the prompts
          </button>
        )}
      </div>
    </div>
  );
}

/** The link to copy by hand. */
function Field({ link }: { link: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [link]);
  return <input type="text" readonly aria-label="Link" value={link} ref={field} />;
}

/** The clipboard is asked within the press: WebKit lets nobody write there later. */
async function copyLink(): Promise<Said> {
  const link = linkNow();
  try {
    await copyText(link);
    return { text: "Link copied." };
  } catch (refused) {
    // No permission, or no clipboard outside of https; unless it is the link that failed.
    const text = "The clipboard is not available. Copy the link from here:";
    return link.then(
      (link): Said => ({ text, link }),
      (error: unknown): Said => (error instanceof NoLink ? error.said : { text: `No link. ${refused}` }),
    );
  }
}

/** The address with the settings in it. Throws NoLink. */
async function linkNow(): Promise<string> {
  const link = await linkOf(await settingsNow());
  if (link.length > MAX_LENGTH) throw new NoLink({ text: tooLong(link.length), prompts: ownPrompts() });
  history.replaceState(history.state, "", link);
  return location.href;
}

function tooLong(length: number): string {
  const own = ownPrompts() !== "";
  const vector = vectorOf(texts.value.patch_vector ?? "");
  const what = own ? "with these prompts" : vector === null ? "with these settings" : "with this vector";
  const text = `No link: ${what} it has ${count(length)} characters, and at most ${count(MAX_LENGTH)} are read.`;
  if (own) return `${text} Send the prompts as a file instead; it is opened again under Prompts.`;
  if (vector === null) return text;
  const { file, sha256 } = vector;
  return `${text} Send ${visible(file)} (SHA-256 ${sha256}) as a file instead; it is opened again in What matters?`;
}

/** The text of what somebody wrote for the chosen task. */
function ownPrompts(): string {
  const { pairs = "", prompts = "" } = texts.value;
  return task.value === "pairs" ? pairs : task.value === "ioi" ? prompts : "";
}

/** As they are opened again under Prompts. */
function savePrompts(text: string): void {
  const [name, type] =
    task.value === "pairs"
      ? ["patchbay-pairs.json", "application/json"]
      : ["patchbay-prompts.txt", "text/plain"];
  save(name, new Blob([`${text}\n`], { type }));
}
