// Buttons and boxes in a row: one stop for the keyboard, moved along with the arrow keys.

import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const CONTROLS = "button, input";

export function Toolbar({ label, children }: { label: string; children: ComponentChildren }) {
  const bar = useRef<HTMLDivElement>(null);
  const controls = () => [...(bar.current?.querySelectorAll<HTMLElement>(CONTROLS) ?? [])];
  const stopAt = (stop: Element | undefined) => {
    for (const control of controls()) control.tabIndex = control === stop ? 0 : -1;
  };
  // Whatever is in it now, one of them is the stop.
  useLayoutEffect(() => {
    const all = controls();
    stopAt(all.find((control) => control === document.activeElement) ?? all[0]);
  });
  const toolbar: HTMLAttributes<HTMLDivElement> = {
    role: "toolbar",
    "aria-label": label,
    onFocusIn: ({ target }) => stopAt(target as Element),
    onKeyDown: (event) => {
      const all = controls();
      const at = all.indexOf(event.target as HTMLElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      all[Math.min(all.length - 1, Math.max(0, next))]?.focus();
    },
  };
  return (
    <div ref={bar} class="toolbar" {...toolbar}>
      {children}
    </div>
  );
}
