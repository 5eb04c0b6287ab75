// "Prompts": what the task's prompts are made of, and all of them to look at; or one's own.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo } from "preact/hooks";
import { Fields } from "../../schema/form.tsx";
import type { Panel } from "../../store/panel.ts";
import { examples, runCount } from "../../store/prompts.ts";
import { task } from "../../store/session.ts";
import { count } from "../../text/format.ts";
import { Detail } from "./detail.tsx";
import { type Filter, filtered, type TemplateChoice, templatesOf } from "./filter.ts";
import { Generated } from "./generated.tsx";
import { PromptList } from "./list.tsx";
import { draft, GENERATED, inUse, OwnPrompts } from "./own.tsx";
import { Pairs } from "./pairs.tsx";
import { keepShown } from "./shown.ts";
import "./prompts.css";

function Controls() {
  return (
    <>
      {inUse.value && (
        <p class="hint">
          Your own prompts are in use: what generated ones are made of does not apply. The seed still decides
          which names a flip draws.
        </p>
      )}
      <Fields analysis="attention" groups={["task"]} without={inUse.value ? GENERATED : []} />
    </>
  );
}

function View() {
  useEffect(keepShown, []);
  if (task.value === "pairs") return <Pairs />;
  if (task.value !== "ioi")
    return (
      <div class="prompts">
        <Generated title={task.value.replace("_", " ")} />
      </div>
    );
  return <OfIoi />;
}

function OfIoi() {
  const used = inUse.value;
  const isDrafted = !used && draft.value.trim() !== "";
  // Where there are some it opens by itself; who empties the text still writes in it.
  const open = useSignal(used || isDrafted);
  useEffect(() => {
    if (used || isDrafted) open.value = true;
  }, [used, isDrafted]);
  const all = runCount.value;
  const templates = useMemo(() => templatesOf(examples.value), [examples.value]);
  const prompts = all === 1 ? "prompt" : "prompts";
  return (
    <div class="prompts">
      <h2>
        {/* Own ones are counted at their text. */}
        {used
          ? "Your own prompts"
          : `${count(all)} ${prompts} generated from ${count(templates.length)} templates`}
      </h2>
      <details
        class="own"
        open={open.value}
        onToggle={({ currentTarget }) => (open.value = currentTarget.open)}
      >
        <summary>Prompts of your own{isDrafted && " (a draft, not in use)"}</summary>
        <OwnPrompts />
      </details>
      <Browse templates={templates} />
    </div>
  );
}

const EVERY: Filter = { order: "", template: "", text: "" };

function Browse({ templates }: { templates: readonly TemplateChoice[] }) {
  const id = useId();
  const filter = useSignal(EVERY);
  const all = examples.value;
  // A template that there is no more of would leave nothing.
  const template = templates.some(({ key }) => key === filter.value.template) ? filter.value.template : "";
  const { order, text } = filter.value;
  const places = useMemo(() => filtered(all, { order, template, text }), [all, order, template, text]);
  const set = (part: Partial<Filter>) => (filter.value = { ...filter.value, ...part });
  return (
    <>
      <div class="prompt-filters">
        <div>
          <label for={`${id}-order`}>Order</label>
          <select
            id={`${id}-order`}
            value={order}
            onChange={({ currentTarget }) => set({ order: currentTarget.value })}
          >
            <option value="">both</option>
            <option value="ABBA">ABBA</option>
            <option value="BABA">BABA</option>
          </select>
        </div>
        {templates.length > 0 && (
          <div>
            <label for={`${id}-template`}>Template</label>
            <select
              id={`${id}-template`}
              value={template}
              onChange={({ currentTarget }) => set({ template: currentTarget.value })}
            >
              <option value="">all</option>
              {templates.map(({ key, example, count }) => (
                <option key={key} value={key}>
                  {`${key} (${count}): ${example}`}
                </option>
              ))}
            </select>
          </div>
        )}
        <div>
          <label for={`${id}-text`}>With the words</label>
          <input
            id={`${id}-text`}
            type="search"
            value={text}
            onInput={({ currentTarget }) => set({ text: currentTarget.value })}
          />
        </div>
      </div>
      <p class="hint" role="status">
        {count(places.length)} of {count(all.length)} prompts shown
      </p>
      <PromptList places={places} />
      <Detail />
    </>
  );
}

export const PROMPTS: Panel = {
  name: "prompts",
  title: "Prompts",
  flips: true,
  task: null,
  Controls,
  View,
};
