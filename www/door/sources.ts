// Where a model comes from. A model's id is what a share link carries: "ioi-mini", the hub's name, "url:<base>" or
// "folder". An address's query is no part of it: it may be a signature, so it stays in memory and is used to fetch only.

import { base as HUB_BASE, id as HUB_ID, revision as HUB_REVISION } from "../../crate/src/hub.json";
import { folderProblem } from "../files/file-names.ts";
import { quoted } from "../text/format.ts";
import { AddressProblem, asHubPage, readAddress, withoutSecrets } from "./address.ts";
import { messageOf, NamedError } from "./errors.ts";

export { HUB_ID };

/** The toy model that comes with the page. */
export const MINI_ID = "ioi-mini";

export const FOLDER_ID = "folder";
export const URL_PREFIX = "url:";

export type ModelSource =
  | { kind: "url"; id: string; base: string; query: string; revision: string | null }
  /** A part of the page, which the service worker keeps. */
  | { kind: "site"; id: typeof MINI_ID; base: string; revision: null }
  | { kind: "folder"; id: typeof FOLDER_ID; key: string; files: ReadonlyMap<string, File> };

/** What is wrong with a model id, or null. */
export function modelIdProblem(id: string): string | null {
  if (id === MINI_ID || id === HUB_ID || id === FOLDER_ID) return null;
  if (!id.startsWith(URL_PREFIX)) {
    return `expected ${MINI_ID}, ${HUB_ID}, ${FOLDER_ID} or ${URL_PREFIX}<address>, found ${quoted(withoutSecrets(id))}`;
  }
  try {
    readAddress(id.slice(URL_PREFIX.length));
    return null;
  } catch (error) {
    if (error instanceof AddressProblem) return messageOf(error);
    throw error;
  }
}

/** Queries that addresses were given with, by base. */
const queries = new Map<string, string>();

/** The id of the same model that may be shown to anybody. One with a problem stays as it is. */
export function plainId(id: string): string {
  if (!id.startsWith(URL_PREFIX) || modelIdProblem(id) !== null) return id;
  const { base, query } = readAddress(id.slice(URL_PREFIX.length));
  if (query !== "") queries.set(base, query);
  return fileUrl(base, "") === fileUrl(HUB_BASE, "") ? HUB_ID : URL_PREFIX + base;
}

/** The source of any model that is fetched. */
export function urlSource(given: string): ModelSource {
  const problem = modelIdProblem(given);
  if (problem !== null) throw new NamedError("BadInput", problem, { field: "model" });
  const id = plainId(given);
  if (id === MINI_ID)
    return { kind: "site", id, base: new URL("models/ioi-mini/", document.baseURI).href, revision: null };
  if (id === HUB_ID) return { kind: "url", id, base: HUB_BASE, query: "", revision: HUB_REVISION };
  const base = id.slice(URL_PREFIX.length);
  return { kind: "url", id, base, query: queries.get(base) ?? "", revision: null };
}

/** The model's files where the address is that of its page, on a hub that is not known by its name; null if it cannot be. */
export function hubPageOf(source: ModelSource): ModelSource | null {
  const base = source.kind === "url" ? asHubPage(source.base) : null;
  return base === null || source.kind !== "url" ? null : { ...source, base };
}

/** A file's address, as it may be shown. The base URL may or may not end in a slash. */
export function fileUrl(base: string, name: string): string {
  const url = new URL(withoutSecrets(base));
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${name}`;
  return url.href;
}

/** What is asked of the server for the file: never to be shown or stored. */
export function requestUrl(source: Exclude<ModelSource, { kind: "folder" }>, name: string): string {
  return fileUrl(source.base, name) + (source.kind === "url" ? source.query : "");
}

let foldersPicked = 0;

/** The files at the top of a picked folder. Each pick is a model of its own: the files may have changed. */
export function folderSource(picked: readonly File[]): ModelSource {
  if (picked.length === 0) {
    throw new NamedError("BadInput", "pick the folder that holds the model's files", { field: "model" });
  }
  const top = new Map(
    picked
      .filter((file) => file.webkitRelativePath.split("/").length <= 2)
      .map((file) => [file.name, file] as const),
  );
  const problem = folderProblem([...top.keys()]);
  if (problem !== null) throw new NamedError("BadModel", problem, { field: "model" });
  foldersPicked += 1;
  return { kind: "folder", id: FOLDER_ID, key: `folder ${foldersPicked}`, files: top };
}

/** Where a source's files are stored: the same with another signature. */
export function sourceKey(source: ModelSource): string {
  return source.kind === "folder" ? source.key : fileUrl(source.base, "");
}

/** Equal keys mean the same model, so that a loaded one can be used again: a query may also choose the model. */
export function loadedKey(source: ModelSource): string {
  return source.kind === "folder" ? source.key : requestUrl(source, "");
}

export function modelName(id: string): string {
  if (id === MINI_ID) return "ioi-mini (the toy model of this page)";
  if (id === HUB_ID) return "GPT-2 small (openai-community/gpt2)";
  return id === FOLDER_ID ? "model from a folder" : withoutSecrets(id.slice(URL_PREFIX.length));
}

/** The same where there is little room: without what it is, and of the hub's models OWNER/NAME. */
export function shortName(id: string): string {
  const name = modelName(id);
  const [, owned, revision = ""] = ON_HUB.exec(name) ?? [];
  if (owned === undefined) return (name.split(" (")[0] ?? name).replace(/^https?:\/\/|\/+$/g, "");
  return revision === "main"
    ? owned
    : `${owned}@${/^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 8) : revision}`;
}

const ON_HUB = /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/*$/;
