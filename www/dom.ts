// The few DOM helpers that the page needs. Text is only ever set as text, never as HTML.

/** The element that index.html must have. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html: expected #${id} to be a ${type.name}`);
  return found;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Rows of a description list: term, what it is. */
export function describe(list: HTMLElement, entries: readonly (readonly [string, string])[]): void {
  list.replaceChildren(
    ...entries.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]),
  );
}
