// The fields of an analysis, in the crate's order.

import type { Choice } from "../../pkg/cpu/patchbay.js";
import { fieldsOfTask, schemas, task } from "../store/session.ts";
import { Field } from "./field.tsx";
import "./form.css";

/** What has an editor of its own. */
const ELSEWHERE: readonly string[] = ["prompts", "pairs", "vector"];

interface FieldsProps {
  analysis: string;
  /** Those of these groups; all without it. */
  groups?: readonly string[];
  /** Those of these names. */
  only?: readonly string[];
  without?: readonly string[];
  barred?: ((field: string, choice: Choice) => string | null) | undefined;
  /** Texts that a field may have, among others. */
  suggested?: ((field: string) => readonly string[] | null) | undefined;
}

export function Fields(props: FieldsProps) {
  const { analysis, groups, only, without = [], barred, suggested } = props;
  return (
    <>
      {fieldsOfTask(analysis, task.value)
        .filter(({ group, kind }) => (groups?.includes(group) ?? true) && !ELSEWHERE.includes(kind.is))
        .filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name))
        .map((field) => (
          <Field
            key={field.name}
            field={field}
            barred={barred && ((choice) => barred(field.name, choice))}
            suggested={suggested?.(field.name) ?? []}
          />
        ))}
    </>
  );
}

/** What is wrong with a field, said elsewhere than at it: only what is expected of it needs its name. */
export function worded({ field, message }: { field: string | null; message: string }): string {
  return field !== null && message.startsWith("expected") ? `${labelOf(field)}: ${message}` : message;
}

/** How a field is called, for a message about it. */
export function labelOf(name: string): string {
  if (name === "model") return "Model";
  const fields = schemas.value.flatMap(({ fields }) => fields);
  return fields.find((field) => field.name === name)?.label ?? name;
}
