// A sentence token by token, with the roles under the tokens that have one. For the keyboard it is one stop: the arrow keys
// walk the tokens, and Enter, a click or a tap keeps one.

import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { isTermId, TERMS } from "../../text/glossary.ts";
import { type Line, rolesByPosition, tokenText } from "../../text/tokens.ts";
import { Floating } from "../floating/floating.tsx";
import "./token-line.css";

interface TokenLineProps {
  /** For screen readers. */
  label: string;
  line: Line;
  /** Where something is to be seen at each token; left out, it is only read. */
  pointing?: Pointing | undefined;
  /** Of each token, from 0 to 1: how much it has to do with the one that is looked at. */
  shade?: ((at: number) => number) | undefined;
}

export interface Pointing {
  /** The token that is kept, or null. */
  kept: number | null;
  /** What the pointer or the keyboard is on; null where they are on none. */
  point: (at: number | null) => void;
  /** The same again lets go. */
  keep: (at: number | null) => void;
}

export function TokenLine({ label, line, pointing, shade }: TokenLineProps) {
  const { tokens } = line;
  const roles = rolesByPosition(line.roles);
  const list = useRef<HTMLOListElement>(null);
  const [last, setLast] = useState<number | null>(null);
  const stop = Math.min(last ?? pointing?.kept ?? tokens.length - 1, tokens.length - 1);
  const walk = (event: KeyboardEvent) => {
    const place = MOVES[event.key]?.(stop, tokens.length - 1);
    if (event.key === "Escape" && pointing?.kept !== null) {
      // For the token alone, not for a run that may be going on.
      event.stopPropagation();
      pointing?.keep(null);
    }
    if (place === undefined) return;
    event.preventDefault();
    list.current?.querySelectorAll("button")[Math.max(0, Math.min(place, tokens.length - 1))]?.focus();
  };
  return (
    <ol
      class="token-line"
      ref={list}
      aria-label={label}
      onPointerLeave={() => pointing?.point(null)}
      onKeyDown={pointing && walk}
    >
      {tokens.map((token, at) => {
        const role = roles.get(at);
        return (
          <Token
            key={at}
            role={role}
            shade={shade?.(at) ?? 0}
            button={
              pointing && {
                tabIndex: at === stop ? 0 : -1,
                "aria-pressed": pointing.kept === at,
                onPointerEnter: ({ pointerType }) => pointerType === "mouse" && pointing.point(at),
                onFocus: ({ currentTarget }) => {
                  setLast(at);
                  if (currentTarget.matches(":focus-visible")) pointing.point(at);
                },
                onBlur: () => pointing.point(null),
                onClick: () => pointing.keep(pointing.kept === at ? null : at),
              }
            }
          >
            {tokenText(token)}
          </Token>
        );
      })}
    </ol>
  );
}

/** Small shares are to be seen too. */
const FAINT = 0.6;

interface TokenProps {
  role: string | undefined;
  shade: number;
  button: preact.ButtonHTMLAttributes<HTMLButtonElement> | undefined;
  children: ComponentChildren;
}

function Token({ role, shade, button, children }: TokenProps) {
  const id = useId();
  const box = useRef<HTMLLIElement>(null);
  const [explained, setExplained] = useState(false);
  const help = role === undefined ? "" : explanation(role);
  const content = (
    <>
      <span class="token-text">{children}</span>
      {role !== undefined && (
        <small
          class="token-role"
          onPointerEnter={({ pointerType }) => setExplained(pointerType === "mouse")}
          onPointerLeave={() => setExplained(false)}
        >
          {role}
        </small>
      )}
    </>
  );
  return (
    <li ref={box} class={`token ${classOf(role)}`} style={{ "--shade": (shade ** FAINT).toFixed(3) }}>
      {button === undefined ? (
        <span class="token-box">{content}</span>
      ) : (
        <button
          type="button"
          class="token-box"
          {...button}
          aria-describedby={help === "" ? undefined : id}
          onClick={(event) => {
            button.onClick?.(event);
            // A finger that taps the role asks what it is; the keyboard cannot be more exact than the token.
            const onRole = event.target instanceof Element && event.target.matches(".token-role");
            setExplained((was) => !was && (onRole || event.detail === 0));
          }}
          onBlur={(event) => {
            button.onBlur?.(event);
            setExplained(false);
          }}
        >
          {content}
        </button>
      )}
      {help !== "" && (
        <Floating id={id} text={help} anchor={box} open={explained} close={() => setExplained(false)} />
      )}
    </li>
  );
}

function explanation(role: string): string {
  const ids = role.toLowerCase().split(" ").filter(isTermId);
  return ids.map((id) => TERMS[id].text).join(" ");
}

function classOf(role: string | undefined): string {
  if (role === undefined) return "";
  if (/\bIO\b/.test(role)) return "role io";
  if (/\bS\d/.test(role)) return "role s";
  return role === "END" ? "role end" : "role";
}

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};
