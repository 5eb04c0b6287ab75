// The few DOM helpers that the page needs. Text is only ever set as text, never as HTML.

/** The element that index.html must have. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html: expected #${id} to be a ${type.name}`);
  return found;
}

/** The control of a field: its id is the field's name with - for _. */
export function controlOf(name: string): HTMLInputElement | HTMLSelectElement {
  const id = name.replaceAll("_", "-");
  const found = document.getElementById(id);
  if (found instanceof HTMLInputElement || found instanceof HTMLSelectElement) return found;
  throw new Error(`index.html: expected a control #${id}`);
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

/** Of a description list: a term, what it is, and that in full where it is shortened. */
export type Entry = readonly [term: string, text: string, full?: string];

/** `shown`: how a text becomes what is shown. */
export function describe(
  list: HTMLElement,
  entries: readonly Entry[],
  shown: (text: string) => (Node | string)[] = (text) => [text],
): void {
  list.replaceChildren(
    ...entries.flatMap(([term, text, full]) => [
      element("dt", {}, ...shown(term)),
      element("dd", full === undefined ? {} : { title: full }, ...shown(text)),
    ]),
  );
}
