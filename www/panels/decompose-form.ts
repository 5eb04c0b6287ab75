// The panel's controls and the texts of its fields, in both directions.

import { controlOf } from "../dom.ts";
import { fits, PANEL_FIELD_NAMES, type PanelFieldName, type PanelTexts } from "../panel-fields.ts";

export function readPanel(): PanelTexts {
  return Object.fromEntries(PANEL_FIELD_NAMES.map((name) => [name, controlOf(name).value])) as PanelTexts;
}

type Watcher = (name: PanelFieldName) => void;

const watchers: Watcher[] = [];

/** As if by hand. */
export function writePanel(texts: PanelTexts): void {
  const before = readPanel();
  for (const name of PANEL_FIELD_NAMES) controlOf(name).value = texts[name];
  settle();
  const after = readPanel();
  for (const name of PANEL_FIELD_NAMES) if (after[name] !== before[name]) tell(name);
}

/** Offers only what fits. A choice that no longer does is taken back. */
export function settle(): void {
  const by = controlOf("decompose_by").value;
  for (const name of ["decompose_query", "decompose_key"] as const) {
    const select = controlOf(name);
    if (!(select instanceof HTMLSelectElement)) continue;
    for (const option of select.options) option.disabled = !fits(name, option.value, by);
    if (!fits(name, select.value, by)) select.selectedIndex = 0;
  }
  const projected = by === "both" || controlOf("decompose_query").value.startsWith("project");
  controlOf("decompose_span").disabled = !projected;
}

/** `changed` gets the field's name, once the others fit it. */
export function watchPanel(changed: Watcher): void {
  watchers.push(changed);
}

function tell(name: PanelFieldName): void {
  for (const changed of watchers) changed(name);
}

for (const name of PANEL_FIELD_NAMES) {
  controlOf(name).addEventListener("input", () => {
    settle();
    tell(name);
  });
}
