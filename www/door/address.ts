// What people paste as the address of a model, turned into the folder that its files are fetched from: a page of a hub or of
// GitHub, a file's own address, OWNER/NAME, or the folder itself.

import { id as HUB_ID, base as PINNED_BASE, revision as PINNED_REVISION } from "../../crate/src/hub.json";
import { quoted } from "../text/format.ts";

export interface Address {
  /** Without query: it may go into links and files. */
  base: string;
  /** "" or from the question mark on. It may be a signature, which is nobody else's business. */
  query: string;
}

/** What is wrong with an address, to stand after the name of its field. */
export class AddressProblem extends Error {}

const MOST = 8192;
const HUB = "https://huggingface.co";
/** By host, where a hub's pages are; an address without scheme or from a page may name it in several ways. */
const HUBS: Record<string, string> = {
  "huggingface.co": HUB,
  "www.huggingface.co": HUB,
  "hf.co": HUB,
  "www.hf.co": HUB,
  "hf-mirror.com": "https://hf-mirror.com",
};
/** Models from before owners were part of names. */
const OWNERS: Record<string, string> = {
  gpt2: "openai-community",
  "gpt2-medium": "openai-community",
  "gpt2-large": "openai-community",
  "gpt2-xl": "openai-community",
  distilgpt2: "distilbert",
};
const VIEWS = ["tree", "blob", "resolve", "raw", "commit", "commits", "blame"];
const NO_OWNERS =
  /^(api|blog|chat|collections|docs|enterprise|join|learn|login|models|new|organizations|papers|posts|pricing|search|settings|tasks)$/;
const NAME = /^[A-Za-z0-9][\w.-]{0,95}$/;
/** Ends of names of files that stand beside a model's weights. */
const FILE = /\.(bin|gguf|h5|json|md|msgpack|onnx|ot|pt|safetensors|tflite|txt)$/i;
const MODEL_FILE =
  /^(config|tokenizer|tokenizer_config|generation_config|vocab)\.json$|^merges\.txt$|\.safetensors(\.index\.json)?$|^pytorch_model\.bin$/;

const WANTED =
  "OWNER/NAME of a model on the Hugging Face hub, or an address that starts with https:// or http://";

/** Throws AddressProblem. */
export function readAddress(pasted: string): Address {
  const text = pasted.trim().replace(/^[<"'`]+|[>"'`]+$/g, "");
  if (text.length > MOST)
    throw new AddressProblem(`expected at most ${MOST} characters, found ${text.length}`);
  const refuse = () => new AddressProblem(`expected ${WANTED}, found ${shown(text)}`);
  if (/^(file:|[a-z]:[\\/]|~|\.|\\|\/(?!\/))/i.test(text))
    throw new AddressProblem(
      `expected ${WANTED}, found a path; for a folder on this machine, choose “From a folder on this machine”`,
    );
  const hasScheme = /^[a-z][a-z\d+.-]*:(?!\d+(\/|$))/i.test(text);
  if (!hasScheme && !isHost(text)) {
    const old = text.split(/[@/]/, 1)[0] ?? "";
    if (!text.includes("/") && !Object.hasOwn(OWNERS, old)) throw refuse();
    return onHub(HUB, new URL(text, HUB).pathname);
  }
  const whole = hasScheme ? text : `${isLocal(text) ? "http" : "https"}://${text.replace(/^\/+/, "")}`;
  if (!/^https?:\/\//i.test(whole) || !URL.canParse(whole)) throw refuse();
  const url = new URL(whole);
  // fetch() refuses such URLs, and a link is no place for a password.
  if (url.username !== "" || url.password !== "")
    throw new AddressProblem("expected an address without user name and password");
  const hub = Object.hasOwn(HUBS, url.host) ? HUBS[url.host] : undefined;
  if (hub !== undefined) return onHub(hub, url.pathname);
  if (url.hostname === "github.com") return onGitHub(url.pathname);
  return elsewhere(url);
}

/** Text of an address that may be shown to anybody. */
export function withoutSecrets(text: string): string {
  const bare = text.replace(/[?#].*$/s, "");
  return bare.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, "$1").replace(/^[^/@]*:[^/@]*@/, "");
}

/** Where the model would be if the folder at `base` is a model's page on a hub of a host that is not known; else null. */
export function asHubPage(base: string): string | null {
  const { origin, pathname } = new URL(base);
  const parts = partsOf(pathname);
  return parts.length === 2 && parts.every((part) => NAME.test(part))
    ? `${origin}/${parts.join("/")}/resolve/main/`
    : null;
}

/** What to do where a server answers that an address may not be read (HTTP 403). */
export function signatureAdvice(url: string): string {
  return new URL(url).search === ""
    ? "If the address needs a signature (a query after a question mark), enter it with one: links and files do not carry it."
    : "The signature in the address may have run out: enter the address with a new one.";
}

function shown(text: string): string {
  return quoted(withoutSecrets(text));
}

/** Without a scheme, what begins with a host's name: one with a dot or a port. */
function isHost(text: string): boolean {
  return (
    /^(\/\/|\[|localhost(?![\w.-])|[^/?#]+\.[^/?#]+|[^/?#]+:\d+)/i.test(text) && !/^\.|^[^/]+@/.test(text)
  );
}

function isLocal(text: string): boolean {
  return /^\/*(localhost|127\.|\[::1\]|10\.|192\.168\.)/i.test(text);
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

/** `path`: OWNER/NAME, and perhaps @REVISION or which of its pages. */
function onHub(hub: string, path: string): Address {
  const [, before = path, named] = /^([^@]+)@(.+?)\/*$/.exec(path) ?? [];
  const parts = partsOf(before);
  const [first = "", second = ""] = parts;
  const refuse = (what: string) =>
    new AddressProblem(
      `${shown(path)} is ${what}: expected ${WANTED}; a model's page on the hub ends in /OWNER/NAME`,
    );
  if (first === "datasets") throw refuse("a dataset of the hub, not a model");
  if (first === "spaces") throw refuse("a space of the hub, not a model");
  if (NO_OWNERS.test(first)) throw refuse("a page of the hub, not a model");
  const owner = Object.hasOwn(OWNERS, first) ? OWNERS[first] : undefined;
  if (owner !== undefined && (second === "" || VIEWS.includes(second))) parts.unshift(owner);
  const [who = "", what = "", view, ...rest] = parts;
  if (what === "") throw refuse(who === "" ? "the hub itself" : "an owner's page");
  const model = `${who}/${what.replace(/\.git$/, "")}`;
  if (!model.split("/").every((part) => NAME.test(part))) throw refuse("no name of a model");
  if (view === undefined) return folderOnHub(hub, model, named ?? "main", []);
  if (!VIEWS.includes(view) || named !== undefined) throw refuse("not the page of a model's files");
  const { revision, inside } = revisionOf(rest);
  return folderOnHub(hub, model, revision, view === "tree" ? inside : withoutFile(inside, FILE));
}

/** A branch, a tag or a commit; "refs/pr/1" has slashes of its own. */
function revisionOf([first = "main", ...rest]: string[]): { revision: string; inside: string[] } {
  return first === "refs" && rest.length >= 2
    ? { revision: ["refs", ...rest.slice(0, 2)].join("%2F"), inside: rest.slice(2) }
    : { revision: first, inside: rest };
}

function folderOnHub(hub: string, model: string, revision: string, inside: readonly string[]): Address {
  const pinned = revision === "main" || (revision.length >= 7 && PINNED_REVISION.startsWith(revision));
  if (hub === HUB && model === HUB_ID && inside.length === 0 && pinned)
    return { base: PINNED_BASE, query: "" };
  const url = new URL(hub);
  url.pathname = `/${[model, "resolve", revision.replaceAll("/", "%2F"), ...inside].join("/")}/`;
  return { base: url.href, query: "" };
}

/** The files themselves are on another host, which lets other sites read them. */
function onGitHub(path: string): Address {
  const [owner = "", repository = "", view, revision = "HEAD", ...inside] = partsOf(path);
  if (repository === "" || (view !== undefined && !/^(tree|blob|raw)$/.test(view)))
    throw new AddressProblem(
      `${shown(path)} is no folder on GitHub: expected github.com/OWNER/REPOSITORY/tree/REVISION/FOLDER`,
    );
  const folder = view === "tree" ? inside : withoutFile(inside, FILE);
  const url = new URL("https://raw.githubusercontent.com");
  url.pathname = `/${[owner, repository.replace(/\.git$/, ""), revision, ...folder].join("/")}/`;
  return { base: url.href, query: "" };
}

/** Anywhere: the folder as it is, or the page of one where the host's addresses are a hub's. */
function elsewhere(url: URL): Address {
  const query = /^\?(download=\w+)?$/.test(url.search) ? "" : url.search;
  const parts = partsOf(url.pathname);
  const view = parts[2] ?? "";
  if (view === "tree" || view === "blob") {
    const { revision, inside } = revisionOf(parts.slice(3));
    const folder = view === "tree" ? inside : withoutFile(inside, FILE);
    url.pathname = `/${[...parts.slice(0, 2), "resolve", revision, ...folder].join("/")}/`;
  } else {
    const folder = withoutFile(parts, view === "resolve" ? FILE : MODEL_FILE);
    if (folder.length < parts.length) url.pathname = `/${folder.map((part) => `${part}/`).join("")}`;
  }
  return { base: url.origin + url.pathname, query };
}

function withoutFile(parts: readonly string[], file: RegExp): string[] {
  const last = parts.at(-1);
  return last !== undefined && file.test(last) ? parts.slice(0, -1) : [...parts];
}
