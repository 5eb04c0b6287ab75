// A note beside what it explains. It is in the page from the start, so that it describes its anchor to screen readers, and
// is seen while `open`.

import { autoUpdate, computePosition, flip, offset, shift } from "@floating-ui/dom";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./floating.css";

interface FloatingProps {
  id: string;
  text: string;
  anchor: RefObject<HTMLElement | null>;
  open: boolean;
  /** Esc was pressed, or something beside it. */
  close: () => void;
  /** The pointer is on the note itself, which keeps it, or has left it. */
  hover?: (on: boolean) => void;
}

export function Floating({ id, text, anchor, open, close, hover }: FloatingProps) {
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [word, box] = [anchor.current, note.current];
    if (!open || word === null || box === null) return;
    box.showPopover?.();
    const place = async () => {
      const middleware = [offset(6), flip(), shift({ padding: 6 })];
      const at = await computePosition(word, box, { placement: "top-start", strategy: "fixed", middleware });
      box.style.left = `${at.x}px`;
      box.style.top = `${at.y}px`;
    };
    const unfollow = autoUpdate(word, box, () => void place());
    // Before all others: with an explanation open, Esc closes it and does nothing else.
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      close();
      event.stopPropagation();
      event.preventDefault();
    };
    const outside = ({ target }: Event) => {
      if (target instanceof Node && !word.contains(target) && !box.contains(target)) close();
    };
    document.addEventListener("keydown", onEscape, { capture: true });
    document.addEventListener("pointerdown", outside);
    return () => {
      unfollow();
      box.hidePopover?.();
      document.removeEventListener("keydown", onEscape, { capture: true });
      document.removeEventListener("pointerdown", outside);
    };
  }, [open]);
  return (
    <div
      id={id}
      class="floating"
      role="tooltip"
      popover="manual"
      ref={note}
      onPointerEnter={() => hover?.(true)}
      onPointerLeave={() => hover?.(false)}
    >
      {text}
    </div>
  );
}
