// The scatter plots as a control: looked at with the pointer or the arrow keys, a prompt is chosen with a click or Enter.

import type { Samples } from "../charts/samples.ts";
import type { Scatter } from "../charts/scatter.ts";
import { byId } from "../dom.ts";
import { chosenPrompt } from "../shown.ts";

export class ScatterControl {
  /** A slider: one stop for the keyboard, moved with the arrows, its value in words. */
  readonly #host: HTMLElement;
  readonly #readout = byId("scatter-readout", HTMLElement);
  #scatter: Scatter | null = null;
  #samples: Samples = { conditions: [], values: [] };
  #sentences: readonly string[] = [];
  /** The prompts by their clean score: the way of the arrow keys. */
  #order: number[] = [];
  #lookedAt: number | null = null;

  constructor(host: HTMLElement) {
    this.#host = host;
    for (const [name, value] of Object.entries({
      tabindex: "0",
      role: "slider",
      "aria-label": "Prompt, by clean score. Enter chooses.",
    }))
      host.setAttribute(name, value);
    host.addEventListener("pointermove", (event) => this.#look(this.#under(event)));
    host.addEventListener("pointerleave", () => this.#look(null));
    host.addEventListener("focus", () => {
      if (host.matches(":focus-visible"))
        this.#look(this.#lookedAt ?? this.#known(chosenPrompt.value) ?? this.#order[0] ?? null);
    });
    host.addEventListener("blur", () => this.#look(null));
    host.addEventListener("click", (event) => this.#choose(this.#under(event)));
    host.addEventListener("keydown", (event) => this.#key(event));
    chosenPrompt.watch(() => this.#tell());
  }

  show(scatter: Scatter, samples: Samples): void {
    if (samples !== this.#samples) {
      const clean = samples.values[0] ?? [];
      this.#order = [...clean.keys()].sort((a, b) => (clean[a] ?? 0) - (clean[b] ?? 0));
      this.#sentences = [];
      this.#lookedAt = null;
    }
    this.#scatter = scatter;
    this.#samples = samples;
    this.#tell();
  }

  /** The prompts' texts, once they are known. */
  name(sentences: readonly string[]): void {
    this.#sentences = sentences;
    this.#tell();
  }

  #under(event: MouseEvent): number | null {
    const { svg, nearest } = this.#scatter ?? {};
    const matrix = svg?.getScreenCTM()?.inverse();
    if (matrix === undefined || nearest === undefined) return null;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return nearest(x, y);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#lookedAt ?? this.#known(chosenPrompt.value) ?? this.#order[0];
    if (at === undefined) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#choose(at);
      return;
    }
    const last = this.#order.length - 1;
    const place = this.#order.indexOf(at);
    const page = Math.max(1, Math.round(last / 10));
    const places: Record<string, number> = {
      ArrowLeft: place - 1,
      ArrowDown: place - 1,
      ArrowRight: place + 1,
      ArrowUp: place + 1,
      PageDown: place - page,
      PageUp: place + page,
      Home: 0,
      End: last,
    };
    const next = places[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#look(this.#order[Math.min(last, Math.max(0, next))] ?? null);
  }

  #look(prompt: number | null): void {
    if (prompt === this.#lookedAt) return;
    this.#lookedAt = prompt;
    this.#tell();
  }

  #choose(prompt: number | null): void {
    if (prompt !== null) chosenPrompt.value = prompt;
  }

  #known(prompt: number): number | null {
    return prompt < this.#order.length ? prompt : null;
  }

  #tell(): void {
    const chosen = this.#known(chosenPrompt.value);
    this.#scatter?.mark("chosen", chosen);
    this.#scatter?.mark("looked-at", this.#lookedAt);
    const prompt = this.#lookedAt ?? chosen;
    if (prompt === null) return;
    const words = this.#words(prompt, prompt === chosen);
    this.#readout.textContent = words;
    for (const [name, value] of Object.entries({
      "aria-valuemin": 1,
      "aria-valuemax": this.#order.length,
      "aria-valuenow": this.#order.indexOf(prompt) + 1,
      "aria-valuetext": words,
    }))
      this.#host.setAttribute(name, String(value));
  }

  #words(prompt: number, isChosen: boolean): string {
    const { conditions, values } = this.#samples;
    const scores = conditions.map((name, i) => `${name} ${values[i]?.[prompt]?.toFixed(3)}`).join(" · ");
    const sentence = this.#sentences[prompt];
    const parts = [`Prompt ${prompt + 1}${isChosen ? " (chosen)" : ""}`, scores];
    return `${parts.join(": ")}${sentence === undefined ? "" : `. ${sentence}`}`;
  }
}
