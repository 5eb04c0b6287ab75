// Which model the next run is of: the toy that comes with the page, one of the hub's GPT-2s, one at an address, or one in a folder.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { small, weights } from "../../../crate/src/hub.json";
import { messageOf } from "../../door/errors.ts";
import { FOLDER_ID, HUB_ID, MINI_ID, shortName, URL_PREFIX } from "../../door/sources.ts";
import mini from "../../public/models/ioi-mini/config.json";
import { chooseFolder, chooseModel } from "../../store/models/models.ts";
import { storedOf } from "../../store/models/stored.ts";
import { model } from "../../store/session.ts";
import { bytes } from "../../text/format.ts";
import { comingText } from "../../text/stored.ts";
import { LARGER, largerOf } from "./larger.ts";

interface ChoicesProps {
  /** A model is chosen. */
  close: () => void;
}

export function Choices({ close }: ChoicesProps) {
  const choose = (id: string) => {
    chooseModel(id);
    close();
  };
  return (
    <section class="choices" aria-label="Choose a model">
      <p class="hint">A model is chosen for the next run. Nothing is downloaded before you press Run.</p>
      <Choice id={MINI_ID} name="ioi-mini" choose={choose}>
        The toy that comes with this page: {shapeOf(mini)}, trained by this project on IOI sentences, repeated
        tokens and years. What is seen in it is true of a toy.
      </Choice>
      <Choice id={HUB_ID} name="GPT-2 small" choose={choose}>
        openai-community/gpt2, {shapeOf(small.config)}. {comingText(storedOf(HUB_ID), bytes(weights.size))}
      </Choice>
      {LARGER.map(({ id, name, size, memory, ...shape }) => (
        <Choice key={id} id={id} name={name} choose={choose}>
          {shortName(id)}, {shapeOf(shape)}. {comingText(storedOf(id), size)} Its weights take {memory} of
          memory.
        </Choice>
      ))}
      <Address choose={choose} />
      <Folder close={close} />
    </section>
  );
}

function shapeOf({ n_layer, n_head }: { n_layer: number; n_head: number }): string {
  return `${n_layer} layers of ${n_head} heads`;
}

interface ChoiceProps {
  id: string;
  name: string;
  choose: (id: string) => void;
  children: ComponentChildren;
}

function Choice({ id, name, choose, children }: ChoiceProps) {
  const hint = useId();
  return (
    <div class="choice">
      <div>
        <strong>{name}</strong> {model.value === id && <span class="chosen">chosen</span>}
        <p class="hint" id={hint}>
          {children}
        </p>
      </div>
      <button type="button" aria-describedby={hint} onClick={() => choose(id)}>
        Use <span class="visually-hidden">{name}</span>
      </button>
    </div>
  );
}

function Address({ choose }: { choose: (id: string) => void }) {
  const id = useId();
  const isOwn = model.value.startsWith(URL_PREFIX) && largerOf(model.value) === undefined;
  const here = isOwn ? model.value.slice(URL_PREFIX.length) : "";
  const text = useSignal(here);
  const problem = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    try {
      choose(URL_PREFIX + text.value.trim());
    } catch (error) {
      problem.value = messageOf(error);
    }
  };
  return (
    <form class="choice" novalidate onSubmit={submit}>
      <div>
        <label for={id}>From an address</label> {here !== "" && <span class="chosen">chosen</span>}
        <input
          id={id}
          type="text"
          inputmode="url"
          spellcheck={false}
          autocomplete="off"
          placeholder="OWNER/NAME or https://…"
          value={text}
          aria-invalid={problem.value !== ""}
          aria-describedby={`${id}-problem ${id}-hint`}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            problem.value = "";
          }}
        />
        <Problem id={`${id}-problem`} text={problem.value} />
        <p class="hint" id={`${id}-hint`}>
          A model of the Hugging Face hub, by its name or its page; or a folder with config.json,
          tokenizer.json and model.safetensors that other sites may read (CORS).
        </p>
      </div>
      <button type="submit">
        Use <span class="visually-hidden">this address</span>
      </button>
    </form>
  );
}

function Folder({ close }: ChoicesProps) {
  const id = useId();
  const problem = useSignal("");
  const pick = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    try {
      chooseFolder([...(currentTarget.files ?? [])]);
      close();
    } catch (error) {
      problem.value = messageOf(error);
    }
  };
  return (
    <div class="choice">
      <div>
        <label for={id}>From a folder on this machine</label>{" "}
        {model.value === FOLDER_ID && <span class="chosen">chosen</span>}
        <input
          id={id}
          type="file"
          {...{ webkitdirectory: true }}
          aria-invalid={problem.value !== ""}
          aria-describedby={`${id}-problem ${id}-hint`}
          onChange={pick}
        />
        <Problem id={`${id}-problem`} text={problem.value} />
        <p class="hint" id={`${id}-hint`}>
          The folder holds config.json, tokenizer.json and model.safetensors. The files stay on this machine.
        </p>
      </div>
    </div>
  );
}

/** In the page from the start, so that it is read out when it comes. */
function Problem({ id, text }: { id: string; text: string }) {
  return (
    <p class="field-error" id={id} role="alert">
      {text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`}
    </p>
  );
}
