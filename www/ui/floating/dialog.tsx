// A dialog in front of the page. Esc and a press beside it close it; the keyboard comes back to where it was.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import "./dialog.css";

interface DialogProps {
  title: string;
  open: boolean;
  close: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, open, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Not after the next picture: until it is closed, nothing behind it can be pressed or typed into.
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={close}
      // Esc closes the dialog and is for nothing behind it.
      onKeyDown={(event) => event.key === "Escape" && event.stopPropagation()}
      onPointerDown={({ target }) => target === dialog.current && close()}
    >
      {open && (
        <div class="dialog">
          <div class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="quiet" onClick={close}>
              Close
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
