// Where a model comes from. A model's id is what a share link carries: "ioi-mini", the hub's name, "url:<base>" or
// "folder".

import { base as HUB_BASE, id as HUB_ID, revision as HUB_REVISION } from "../crate/src/hub.json";
import { NamedError } from "./errors.ts";
import { quoted } from "./format.ts";

export { HUB_ID };

/** The toy model that comes with the page. */
export const MINI_ID = "ioi-mini";

export const FOLDER_ID = "folder";
export const URL_PREFIX = "url:";

export const MODEL_FILES = ["config.json", "tokenizer.json", "model.safetensors"] as const;
export type ModelFile = (typeof MODEL_FILES)[number];

export type ModelSource =
  | { kind: "url"; id: string; base: string; revision: string | null }
  /** A part of the page, which the service worker keeps. */
  | { kind: "site"; id: typeof MINI_ID; base: string; revision: null }
  | { kind: "folder"; id: typeof FOLDER_ID; key: string; files: Record<ModelFile, File> };

/** What is wrong with a model id, or null. */
export function modelIdProblem(id: string): string | null {
  if (id === MINI_ID || id === HUB_ID || id === FOLDER_ID) return null;
  if (!id.startsWith(URL_PREFIX)) {
    return `expected ${MINI_ID}, ${HUB_ID}, ${FOLDER_ID} or ${URL_PREFIX}<base URL>, found ${quoted(id)}`;
  }
  const text = id.slice(URL_PREFIX.length);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return `expected a base URL that starts with https:// or http://, found ${quoted(text)}`;
  }
  // fetch() refuses such URLs, and a link is no place for a password.
  if (url.username !== "" || url.password !== "") return "expected a base URL without user name and password";
  return null;
}

/** The source of any model that is fetched. */
export function urlSource(id: string): ModelSource {
  const problem = modelIdProblem(id);
  if (problem !== null) throw new NamedError("BadInput", problem, { field: "model" });
  if (id === MINI_ID)
    return { kind: "site", id, base: new URL("models/ioi-mini/", document.baseURI).href, revision: null };
  if (id === HUB_ID) return { kind: "url", id, base: HUB_BASE, revision: HUB_REVISION };
  return { kind: "url", id, base: id.slice(URL_PREFIX.length), revision: null };
}

/** The base URL may or may not end in a slash; its query is kept (signed URLs). */
export function fileUrl(base: string, name: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${name}`;
  url.hash = "";
  return url.href;
}

let foldersPicked = 0;

/** The three files at the top of a picked folder. Each pick is a model of its own: the files may have changed. */
export function folderSource(picked: readonly File[]): ModelSource {
  if (picked.length === 0) {
    throw new NamedError("BadInput", "pick the folder that holds the model's files", { field: "model" });
  }
  const top = new Map(
    picked
      .filter((file) => file.webkitRelativePath.split("/").length <= 2)
      .map((file) => [file.name, file] as const),
  );
  const missing = MODEL_FILES.filter((name) => !top.has(name));
  if (missing.length > 0) {
    const found = [...top.keys()].sort().slice(0, 8).join(", ") || "no files at its top";
    throw new NamedError(
      "BadModel",
      `The folder has no ${missing.join(" and no ")}. Expected ${MODEL_FILES.join(", ")}; found ${found}. Pick the folder that holds all three.`,
      { field: "model" },
    );
  }
  const files = Object.fromEntries(MODEL_FILES.map((name) => [name, top.get(name)])) as Record<
    ModelFile,
    File
  >;
  foldersPicked += 1;
  return { kind: "folder", id: FOLDER_ID, key: `folder ${foldersPicked}`, files };
}

/** Equal keys mean the same model, so that a loaded one can be used again. */
export function sourceKey(source: ModelSource): string {
  return source.kind === "folder" ? source.key : fileUrl(source.base, "");
}

export function modelName(id: string): string {
  if (id === MINI_ID) return "ioi-mini (the toy model of this page)";
  if (id === HUB_ID) return "GPT-2 small (openai-community/gpt2)";
  return id === FOLDER_ID ? "model from a folder" : id.slice(URL_PREFIX.length);
}
