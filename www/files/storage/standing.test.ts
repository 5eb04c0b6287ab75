import type { OutgoingHttpHeaders } from "node:http";
import { expect, it } from "vitest";
import hub from "../../../crate/src/hub.json";
import { HUB_ID, urlSource } from "../../door/sources.ts";
import type { FetchedSource } from "../pins.ts";
import { served, source } from "../testing.ts";
import type { FileOrigin } from "./journal.ts";
import { standingOf } from "./standing.ts";

const MONDAY = "Mon, 23 Nov 2020 12:00:00 GMT";
const TUESDAY = "Tue, 24 Nov 2020 12:00:00 GMT";
const KEPT = { id: "url:u", base: "u", revision: null, etag: '"1"', modified: MONDAY, size: 5 };

/** Of two files, one of which is what it was. */
async function standing(status: number, headers: OutgoingHttpHeaders, kept: Partial<FileOrigin> = {}) {
  const methods = new Set<string | undefined>();
  const base = await served(({ method, url }, response) => {
    methods.add(method);
    const isOther = url?.endsWith("config.json");
    response.writeHead(isOther ? 200 : status, isOther ? { etag: '"1"' } : headers).end();
  });
  const origins = new Map([
    ["config.json", KEPT],
    ["model.safetensors", { ...KEPT, ...kept }],
  ]);
  const found = await standingOf(source(base), origins);
  expect([...methods]).toEqual(["HEAD"]);
  return found;
}

it.each([
  ["the same tag", "same", 200, { etag: '"1"', "last-modified": TUESDAY }, {}],
  ["another tag", "replaced", 200, { etag: '"2"', "last-modified": MONDAY }, {}],
  ["another date", "replaced", 200, { "last-modified": TUESDAY }, { etag: null }],
  ["another size", "replaced", 200, { "content-length": 6 }, { etag: null, modified: null }],
  ["the same size", "same", 200, { "content-length": 5 }, { etag: null, modified: null }],
  ["nothing to tell", "unknown", 200, {}, {}],
  ["no such file", "gone", 404, {}, {}],
  ["a refusal", "unknown", 403, {}, {}],
  ["a server that is not well", "unknown", 503, {}, {}],
])("with %s, a kept model is %s", async (_, expected, status, headers, kept) => {
  expect(await standing(status, headers as OutgoingHttpHeaders, kept)).toBe(expected);
});

it("is unknown of a server that does not answer", async () => {
  const origins = new Map([["config.json", KEPT]]);
  expect(await standingOf(source("http://127.0.0.1:9/m"), origins)).toBe("unknown");
});

it("asks nothing about weights that are known by their hash", async () => {
  const origins = new Map([["model.safetensors", { ...KEPT, base: hub.base }]]);
  expect(await standingOf(urlSource(HUB_ID) as FetchedSource, origins)).toBe("same");
});
