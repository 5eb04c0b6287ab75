// A file that somebody gives the page: picked with a button, or dropped on what is there for it.

import { useRef } from "preact/hooks";

type Open = (file: File) => unknown;

interface OpenFileProps {
  /** What the file is, for screen readers. */
  label: string;
  /** Endings and types, as an input has them. */
  accept: string;
  open: Open;
}

export function OpenFile({ label, accept, open }: OpenFileProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        Open a file…
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label={label}
        onChange={({ currentTarget }) => {
          const [picked] = currentTarget.files ?? [];
          if (picked !== undefined) open(picked);
          // So that the same file can be picked again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}

/** For the element that files may be dropped on. A piece of text is dropped as anywhere. */
export function dropped(open: Open) {
  return {
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined) return;
      event.preventDefault();
      open(file);
    },
  };
}
