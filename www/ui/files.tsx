// Buttons that save what is shown, each as one kind of file.

import { useState } from "preact/hooks";
import { save } from "./save.ts";

export interface FileKind {
  /** "SVG"; in small letters it is the ending of the file's name. */
  kind: string;
  make: () => Blob | Promise<Blob>;
}

/** The buttons, and a line for what went wrong. `title`: of what, for screen readers. `stem`: a file's name without its ending. */
export function useFiles({
  kinds,
  title,
  stem,
}: {
  kinds: readonly FileKind[];
  title: string;
  stem: string;
}) {
  const [problem, setProblem] = useState("");
  const press = async ({ kind, make }: FileKind) => {
    setProblem("");
    try {
      save(`${stem}.${kind.toLowerCase()}`, await make());
    } catch (error) {
      setProblem(`No ${kind} was saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const buttons = kinds.map((it) => (
    <button key={it.kind} type="button" aria-label={`${it.kind} of: ${title}`} onClick={() => press(it)}>
      {it.kind}
    </button>
  ));
  const status = (
    <p class="hint" role="status">
      {problem}
    </p>
  );
  return { buttons, status };
}
