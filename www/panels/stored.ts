// The models in this browser's storage: what there is, with a way to delete it, and how much room there is.

import { byId, element } from "../dom.ts";
import { problemOf } from "../errors.ts";
import { readForm } from "../form.ts";
import { bytes, date, short } from "../format.ts";
import type { Lab } from "../lab.ts";
import type { Standing, StorageReport, StoredModel } from "../protocol.ts";
import { type ModelSource, modelName } from "../sources.ts";
import { showPersistence } from "./persistence.ts";
import { keptText, nameText, sizeText, standingText, usageText } from "./stored-text.ts";

const title = byId("stored-title", HTMLElement);
const table = byId("stored-models", HTMLTableElement);
const empty = byId("stored-empty", HTMLElement);
const usage = byId("stored-usage", HTMLElement);
const note = byId("stored-note", HTMLElement);
const status = byId("stored-status", HTMLElement);
const kept = byId("model-kept", HTMLElement);

export class StoredPanel {
  readonly #lab: Pick<Lab, "stored" | "forget" | "standing">;
  /** Replies to older requests are dropped. */
  #latest = 0;
  #report: StorageReport | null = null;
  /** What is known of stored models' addresses, by key. */
  readonly #standings = new Map<string, Standing>();
  /** Why the last run's model was not kept, where it should have been. */
  #unstored: string | null = null;

  constructor(lab: Pick<Lab, "stored" | "forget" | "standing">) {
    this.#lab = lab;
    // Another tab may have stored or deleted something.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.refresh();
    });
  }

  /** Never throws: what is stored is not what the page is for. `news` is what has just been done to the list. */
  async refresh(news = ""): Promise<void> {
    status.textContent = news;
    this.#latest += 1;
    const turn = this.#latest;
    try {
      const report = await this.#lab.stored();
      if (turn === this.#latest) this.#show(report);
    } catch (error) {
      note.textContent = `What is stored could not be read: ${problemOf(error).message}`;
    }
    await showPersistence(this.#report?.unavailable === null);
  }

  /** For the run that has just ended well. */
  tellUnstored(why: string | null): void {
    this.#unstored = why;
  }

  /** After a run with a copy that was there: says where its address has another one by now. */
  async compare(source: ModelSource): Promise<void> {
    // A server that does not answer says nothing of the copy.
    const stood = await this.#lab.standing(source).catch(() => null);
    if (stood === null || this.#standings.get(stood.key) === stood.standing) return;
    this.#standings.set(stood.key, stood.standing);
    const news = standingText(stood.standing);
    await this.refresh(news === "" ? "" : `${modelName(source.id)}: ${news}`);
  }

  /** The line below the form's model: whether it is here already. */
  showKept(): void {
    kept.textContent = this.#report === null ? "" : keptText(readForm().model, this.#report);
  }

  #show(report: StorageReport): void {
    this.#report = report;
    const { models, unavailable } = report;
    const focused = document.activeElement?.closest<HTMLElement>("#stored-models tr")?.dataset.key;
    table.replaceChildren(
      element("caption", { class: "visually-hidden" }, "Models in this browser's storage"),
      header(),
      element("tbody", {}, ...models.map((model) => this.#row(model))),
    );
    if (focused !== undefined) deleteButton(models.findIndex(({ key }) => key === focused))?.focus();
    table.hidden = models.length === 0;
    empty.hidden = models.length > 0 || unavailable !== null;
    usage.textContent = usageText(report);
    note.textContent = unavailable ?? this.#unstored ?? "";
    this.showKept();
    window.patchbay.stored = report;
  }

  #row(model: StoredModel): HTMLElement {
    const { key, revision, sha256 } = model;
    const name = nameText(model);
    const button = element(
      "button",
      { type: "button", class: "delete", "aria-label": `Delete ${name}` },
      "Delete",
    );
    button.addEventListener("click", () => void this.#delete(model, button));
    return element(
      "tr",
      { "data-key": key },
      element(
        "th",
        { scope: "row" },
        name,
        ...(revision === null ? [] : [detail("revision", revision)]),
        ...(sha256 === null ? [] : [detail("SHA-256", sha256)]),
      ),
      element("td", {}, sizeText(model), ...this.#choice(model)),
      element(
        "td",
        {},
        ...(model.date === "" ? [] : [element("time", { datetime: model.date }, date(model.date))]),
      ),
      element("td", {}, button),
    );
  }

  /** Which of two is in use, and the way to the other one. */
  #choice(model: StoredModel): HTMLElement[] {
    const standing = this.#standings.get(model.key);
    const text = standingText(standing);
    if (text === "") return [];
    const words = element("p", { class: "hint" }, text);
    if (standing !== "replaced") return [words];
    const button = element(
      "button",
      { type: "button", class: "renew", "aria-label": `Use the new one of ${nameText(model)}` },
      "Use the new one",
    );
    button.addEventListener("click", () => void this.#delete(model, button));
    return [words, button];
  }

  async #delete(model: StoredModel, button: HTMLButtonElement): Promise<void> {
    if (button.getAttribute("aria-disabled") === "true") return;
    const place = [...table.querySelectorAll("tbody tr")].findIndex((row) => row.contains(button));
    const hadKeyboard = document.activeElement === button;
    button.setAttribute("aria-disabled", "true");
    const name = nameText(model);
    const news = await this.#lab.forget(model.key).then(
      () => {
        const isReplaced = this.#standings.get(model.key) === "replaced";
        this.#standings.delete(model.key);
        const next = isReplaced ? " The next run downloads the new one." : "";
        return `Deleted: ${name}, ${bytes(model.bytes)}.${next}`;
      },
      (error) => `Not deleted: ${name}. ${problemOf(error).message}`,
    );
    await this.refresh(news);
    // The keyboard stays in the list, or where it was.
    if (hadKeyboard && document.activeElement === document.body) (deleteButton(place) ?? title).focus();
  }
}

function header(): HTMLElement {
  const columns = ["model", "size", "stored"].map((name) => element("th", { scope: "col" }, name));
  return element("thead", {}, element("tr", {}, ...columns, element("td")));
}

function detail(term: string, hash: string): HTMLElement {
  return element("span", { class: "hint", title: hash }, `${term} ${short(hash)}`);
}

/** That of the row which is now at this place, or of the last. */
function deleteButton(place: number): HTMLButtonElement | undefined {
  const buttons = table.querySelectorAll<HTMLButtonElement>(".delete");
  return buttons[Math.min(place, buttons.length - 1)];
}
