// The settings of "Which circuit?": a text says which heads, and a map of all heads beside it writes that text.

import { signal } from "@preact/signals";
import { useId, useState } from "preact/hooks";
import { Fields } from "../../schema/form.tsx";
import { readOf } from "../../store/prompts.ts";
import { fieldsOf, head, info, setText, task, texts, usualHead } from "../../store/session.ts";
import { type Head, HeadMap } from "../../ui/heads.tsx";
import { Price } from "../price.tsx";
import { TaskChoice } from "../task-choice.tsx";
import { circuit, idle, paths, STEP, step } from "./asked.ts";
import { entriesOf, isOf, withHead, withReceiver } from "./entries.ts";

const INPUTS = [
  ["q", "query"],
  ["k", "key"],
  ["v", "value"],
] as const;

export function Controls() {
  const now = step.value;
  return (
    <>
      <Fields analysis={now} only={[STEP]} />
      {now === "paths" ? <Receivers /> : <Kept />}
      <TaskChoice analysis={now} />
      <Price task={now === "paths" ? paths : circuit} />
    </>
  );
}

interface PickerProps {
  isOn: (layer: number, head: number) => boolean;
  press: (layer: number, head: number) => void;
  hint: (layer: number, head: number) => string;
}

/** Once it is known how many heads there are. */
function Picker({ isOn, press, hint }: PickerProps) {
  // Where the keyboard is; at first at the head that is chosen on the page.
  const [place, go] = useState<Head | null>(null);
  const { n_layer: layers, n_head: heads } = info.value ?? { n_layer: 0, n_head: 0 };
  if (layers === 0) return <p class="hint">A map of the heads is here once the model has been read.</p>;
  const [layer = 0, index = 0] = place ?? head.value ?? [];
  const at = [Math.min(layer, layers - 1), Math.min(index, heads - 1)] as const;
  return (
    <HeadMap
      {...{ layers, heads, at, isOn, press }}
      go={(layer, head) => go([layer, head])}
      keys="Enter adds one or takes it out."
      hint={hint(...at)}
    />
  );
}

const input = signal<(typeof INPUTS)[number][0]>("q");

function Receivers() {
  const id = useId();
  const text = texts.value.paths_receivers ?? "logits";
  const all = entriesOf(text);
  const name = (layer: number, head: number) => `${layer}.${head}.${input.value}`;
  return (
    <>
      <Fields analysis="paths" only={["paths_receivers"]} />
      <div class="picked field">
        <div class="actions">
          <button
            type="button"
            aria-pressed={text === "logits"}
            onClick={() => setText("paths_receivers", "logits")}
          >
            The logits
          </button>
          <label for={id}>or a head's</label>
          <select
            id={id}
            value={input.value}
            onChange={({ currentTarget }) => {
              input.value = currentTarget.value as typeof input.value;
            }}
          >
            {INPUTS.map(([value, word]) => (
              <option key={value} value={value} selected={value === input.value}>
                {word}
              </option>
            ))}
          </select>
        </div>
        <Picker
          isOn={(layer, head) => all.some((entry) => isOf(entry, layer, head))}
          press={(layer, head) => setText("paths_receivers", withReceiver(text, name(layer, head)))}
          hint={(layer, head) =>
            `${name(layer, head)} ${all.includes(name(layer, head)) ? "reads; Enter takes it out" : "does not read; Enter adds it"}. A row is a layer.`
          }
        />
      </div>
      <Fields analysis="paths" groups={["question"]} without={[STEP, "paths_receivers", ...idle("paths")]} />
    </>
  );
}

/** Where heads are that are added. */
const positions = signal<readonly string[]>(["END"]);

function Kept() {
  const usual = usualHead.value === null ? "" : `${usualHead.value.join(".")}@END`;
  const text = texts.value.circuit_keep || usual;
  const all = entriesOf(text);
  const at = positions.value.join("+");
  return (
    <>
      <Fields analysis="circuit" only={["circuit_keep"]} />
      <div class="picked field">
        <Positions />
        <Picker
          isOn={(layer, head) => all.some((entry) => isOf(entry, layer, head))}
          press={(layer, head) => setText("circuit_keep", withHead(text, layer, head, at))}
          hint={(layer, head) => {
            const own = all.filter((entry) => isOf(entry, layer, head));
            return own.length > 0
              ? `${own.join(", ")} stays; Enter takes it out. A row is a layer.`
              : `${layer}.${head} does not stay; Enter adds ${layer}.${head}@${at}. A row is a layer.`;
          }}
        />
        <Suggested />
      </div>
      <Fields analysis="circuit" groups={["question"]} without={[STEP, "circuit_keep", ...idle("circuit")]} />
    </>
  );
}

/** The task's roles; all positions are all of them. */
function Positions() {
  const roles = Object.entries(readOf("clean")?.roles ?? { END: 0 }).sort(([, a], [, b]) => a - b);
  const now = positions.value;
  const set = (name: string, on: boolean) => {
    const others = now.filter((other) => other !== name && other !== "all" && name !== "all");
    positions.value = on ? [...others, name] : others.length > 0 ? others : ["END"];
  };
  return (
    <fieldset class="positions">
      <legend>Heads that are added stay at</legend>
      {[...roles.map(([name]) => name), "all"].map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={now.includes(name)}
            onChange={({ currentTarget }) => {
              set(name, currentTarget.checked);
              // There is one at least.
              currentTarget.checked = positions.value.includes(name);
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

/** Circuits that are known by name, of which a model may not have the heads. */
function Suggested() {
  const field = fieldsOf("circuit").find(({ name }) => name === "circuit_keep");
  return (
    <>
      {field?.suggested.map(({ label, text }) => {
        const why = missing(text);
        return (
          <div class="actions" key={label}>
            <button
              type="button"
              aria-disabled={why !== null}
              aria-pressed={texts.value.circuit_keep === text}
              onClick={() => why === null && setText("circuit_keep", text)}
            >
              {label}
            </button>
            {why !== null && <p class="hint">{why}</p>}
          </div>
        );
      })}
    </>
  );
}

/** Why the model or the task does not have these heads, or null. */
function missing(text: string): string | null {
  if (task.value !== "ioi") return "Not of this task: it is the circuit of indirect objects.";
  const { n_layer: layers = Number.POSITIVE_INFINITY, n_head: heads = Number.POSITIVE_INFINITY } =
    info.value ?? {};
  const absent = entriesOf(text).find((entry) => {
    const [layer = 0, head = 0] = entry.split(/[.@]/).map(Number);
    return layer >= layers || head >= heads;
  });
  return absent === undefined
    ? null
    : `This model has ${layers} layers of ${heads} heads; there is no ${absent.split("@")[0]}. It is a circuit of GPT-2 small's.`;
}
