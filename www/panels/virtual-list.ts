// A long list of rows of one height, of which only those in view exist. One row is chosen; the arrow keys move it.

/** Rows kept above and below what is in view, so that a short scroll finds them there. */
const SPARE = 6;

interface Events {
  /** The row of an item, new. */
  row: (item: number, place: number, of: number) => HTMLElement;
  chosen: (item: number) => void;
}

export class VirtualList {
  readonly #box: HTMLElement;
  readonly #events: Events;
  /** As high as all rows together. */
  readonly #all = document.createElement("div");
  #items: readonly number[] = [];
  /** The rows that exist, by place. */
  readonly #rows = new Map<number, HTMLElement>();
  #rowHeight = 0;
  /** The chosen item, whether it is in the list or not. */
  #chosen = -1;
  #frame = 0;

  constructor(box: HTMLElement, events: Events) {
    this.#box = box;
    this.#events = events;
    this.#all.setAttribute("role", "presentation");
    box.replaceChildren(this.#all);
    box.addEventListener("scroll", () => this.#soon());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("click", (event) => this.#click(event));
    // Rows have another height on a narrow screen, and none while the panel is closed.
    new ResizeObserver(() => this.#measure()).observe(box);
  }

  /** Shows these items, from the top. */
  show(items: readonly number[]): void {
    this.#items = items;
    this.#clear();
    this.#box.scrollTop = 0;
    this.#measure();
  }

  /** Marks an item, and scrolls to it where it is not in view. */
  choose(item: number): void {
    this.#chosen = item;
    const place = this.#items.indexOf(item);
    if (place >= 0) this.#reveal(place);
    this.#draw();
  }

  #measure(): void {
    const probe = document.createElement("div");
    probe.className = "prompt-row";
    this.#all.append(probe);
    const height = probe.offsetHeight;
    probe.remove();
    if (height === 0) return;
    if (height !== this.#rowHeight) this.#clear();
    this.#rowHeight = height;
    this.#all.style.height = `${this.#items.length * height}px`;
    this.#draw();
  }

  #clear(): void {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
  }

  #soon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const height = this.#rowHeight;
    if (height === 0) return;
    const { scrollTop, clientHeight } = this.#box;
    const from = Math.max(0, Math.floor(scrollTop / height) - SPARE);
    const to = Math.min(this.#items.length, Math.ceil((scrollTop + clientHeight) / height) + SPARE);
    for (const [place, row] of this.#rows) {
      if (place >= from && place < to) continue;
      row.remove();
      this.#rows.delete(place);
    }
    for (let place = from; place < to; place += 1) this.#rowAt(place);
    this.#tellChosen();
  }

  #rowAt(place: number): void {
    const item = this.#items[place];
    if (item === undefined) return;
    let row = this.#rows.get(place);
    if (row === undefined) {
      row = this.#events.row(item, place, this.#items.length);
      row.dataset.place = String(place);
      row.style.transform = `translateY(${place * this.#rowHeight}px)`;
      this.#all.append(row);
      this.#rows.set(place, row);
    }
    row.setAttribute("aria-selected", String(item === this.#chosen));
  }

  /** For screen readers: which row the keyboard is on. */
  #tellChosen(): void {
    const row = this.#rows.get(this.#items.indexOf(this.#chosen));
    if (row) this.#box.setAttribute("aria-activedescendant", row.id);
    else this.#box.removeAttribute("aria-activedescendant");
  }

  #reveal(place: number): void {
    const top = place * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#box;
    if (top < scrollTop) this.#box.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + clientHeight)
      this.#box.scrollTop = top + this.#rowHeight - clientHeight;
  }

  #key(event: KeyboardEvent): void {
    const place = this.#items.indexOf(this.#chosen);
    const page = Math.max(1, Math.floor(this.#box.clientHeight / (this.#rowHeight || 1)) - 1);
    const last = this.#items.length - 1;
    const to: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place < 0 ? 0 : place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: last,
      // With nothing chosen in the list they choose its first.
      Enter: place,
      " ": place,
    };
    const wanted = to[event.key];
    if (wanted === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const item = this.#items[Math.min(Math.max(wanted, 0), last)];
    if (item !== undefined) this.#events.chosen(item);
  }

  #click(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
    const item = row === null ? undefined : this.#items[Number(row.dataset.place)];
    if (item !== undefined) this.#events.chosen(item);
  }
}
