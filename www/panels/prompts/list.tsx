// The prompts as a list of rows of one height, of which only those in view exist: ten thousand cost no more than ten. One is
// chosen, and the arrow keys choose another.

import type { HTMLAttributes } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { examples } from "../../store/prompts.ts";
import { choosePrompt, prompt } from "../../store/session.ts";
import { flippedOf, inWords } from "../../text/tokens.ts";
import { type Example, madeOf } from "./filter.ts";
import { Marked } from "./marked.tsx";

/** Rows kept above and below those in view, so that a short scroll finds them there. */
const SPARE = 6;
/** Of a row and of the box, until they have been measured. */
const USUAL = { row: 68, box: 360 };

/** `places`: of those that pass the filter. */
export function PromptList({ places }: { places: readonly number[] }) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [size, setSize] = useState(USUAL);
  const chosen = places.indexOf(prompt.value);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      const row = element.querySelector<HTMLElement>("[role=option]")?.offsetHeight || USUAL.row;
      setSize({ row, box: element.clientHeight || USUAL.box });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [places.length === 0]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || chosen < 0) return;
    const [begin, end] = [chosen * size.row, (chosen + 1) * size.row];
    if (begin < element.scrollTop) element.scrollTop = begin;
    else if (end > element.scrollTop + size.box) element.scrollTop = end - size.box;
  }, [chosen, size]);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(size.box / size.row) - 1);
    const last = places.length - 1;
    const next = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: last,
      Enter: chosen,
      " ": chosen,
    }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    choosePrompt(places[Math.max(0, Math.min(last, next))] ?? 0);
  };
  const from = Math.max(0, Math.floor(top / size.row) - SPARE);
  const shown = places.slice(from, Math.ceil((top + size.box) / size.row) + SPARE);
  return (
    <div
      ref={box}
      class="prompt-list"
      role="listbox"
      aria-label="Prompts"
      aria-activedescendant={chosen < 0 ? undefined : `${id}-${prompt.value}`}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={({ target }) => {
        const row = target instanceof HTMLElement ? target.closest<HTMLElement>("[role=option]") : null;
        if (row !== null) choosePrompt(Number(row.dataset.place));
      }}
    >
      <div role="presentation" style={{ height: `${places.length * size.row}px` }}>
        {shown.map((place, i) => {
          const example = examples.value[place];
          if (example === undefined) return null;
          const option: HTMLAttributes<HTMLDivElement> = {
            id: `${id}-${place}`,
            role: "option",
            "aria-selected": place === prompt.value,
            "aria-setsize": places.length,
            "aria-posinset": from + i + 1,
            style: { transform: `translateY(${(from + i) * size.row}px)` },
          };
          return (
            <div key={place} class="prompt-row" data-place={place} {...option}>
              <Row example={example} place={place} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Heard it is one plain sentence. */
function Row({ example, place }: { example: Example; place: number }) {
  const clean = inWords(example, false);
  const flipped = inWords(flippedOf(example), false);
  return (
    <>
      <span class="visually-hidden">{nameOf(example, place)}</span>
      <p class="prompt-name" aria-hidden="true">
        <b>{place + 1}</b> {madeOf(example)}
      </p>
      <div aria-hidden="true">
        <Marked line={clean} />
        <Marked line={{ ...flipped, roles: {} }} unlike={clean} />
      </div>
    </>
  );
}

function nameOf(example: Example, place: number): string {
  const { sentence, io, s } = example;
  return `Prompt ${place + 1}, ${madeOf(example)}: ${sentence}. IO ${io}, S ${s}.`;
}
