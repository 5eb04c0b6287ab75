// The place of questions that the page cannot be asked yet; the command can.

import type { Panel } from "../store/panel.ts";

export function later(name: string, title: string, command: string): Panel {
  const View = () => (
    <>
      <h2>{title}</h2>
      <p>
        This page does not ask it yet. The native command does: <code>patchbay {command}</code>.
      </p>
    </>
  );
  return { name, title, task: null, Controls: null, View };
}
