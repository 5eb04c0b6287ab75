// Copying. WebKit lets a page write to the clipboard only within the press that asks for it, so what has still to be made is
// given as a promise and not awaited first.

/** Throws where there is no permission, or no clipboard outside of https; or as the text does. */
export function copyText(text: Promise<string>): Promise<void> {
  const { clipboard } = navigator;
  if (typeof ClipboardItem === "undefined" || !clipboard?.write)
    return text.then((it) => clipboard.writeText(it));
  const plain = text.then((it) => new Blob([it], { type: "text/plain" }));
  return clipboard.write([new ClipboardItem({ "text/plain": plain })]);
}
