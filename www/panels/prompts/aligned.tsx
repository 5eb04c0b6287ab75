// A clean prompt and its corrupted form, token under token, with what differs and the roles; a token can be chosen to name its
// place.

import { tokenText } from "../../text/tokens.ts";
import { useScrolls } from "../../ui/scrolls.ts";

interface AlignedProps {
  label: string;
  clean: readonly string[];
  corrupted: readonly string[];
  roles: ReadonlyMap<number, string>;
  /** The place that is chosen, and what chooses one; null where none can be. */
  chosen?: number | null;
  choose?: ((at: number) => void) | undefined;
}

export function Aligned({ label, clean, corrupted, roles, chosen = null, choose }: AlignedProps) {
  const { ref, scrolls } = useScrolls<HTMLOListElement>();
  const longest = Math.max(clean.length, corrupted.length);
  return (
    // A long prompt scrolls by itself.
    <ol class="aligned" aria-label={label} ref={ref} {...(scrolls && { tabIndex: 0 })}>
      {Array.from({ length: longest }, (_, at) => {
        const [above, below] = [clean[at], corrupted[at]];
        const content = (
          <>
            <span>{above === undefined ? "∅" : tokenText(above)}</span>
            <span>{below === undefined ? "∅" : tokenText(below)}</span>
            <small>{roles.get(at)}</small>
          </>
        );
        const differs = above !== below ? "differs" : "";
        return (
          <li key={at}>
            {choose === undefined ? (
              <span class={`aligned-token ${differs}`}>{content}</span>
            ) : (
              <button
                type="button"
                class={`aligned-token ${differs}`}
                aria-pressed={chosen === at}
                onClick={() => choose(at)}
              >
                {content}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}
