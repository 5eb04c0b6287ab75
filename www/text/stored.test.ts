import { describe, expect, it } from "vitest";
import type { StorageReport, StoredModel } from "../door/protocol.ts";
import { comingText, sizeText, standingText, usageText } from "./stored.ts";

const WHOLE: StoredModel = {
  key: "1",
  id: "openai-community/gpt2",
  revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
  bytes: 549e6,
  total: 549e6,
  complete: true,
  date: "2026-11-20T14:05:00Z",
  sha256: "248dfc39",
  unreadable: null,
};
const PART: StoredModel = { ...WHOLE, id: "url:https://a.example/m/", bytes: 187e6, complete: false };
const REPORT: StorageReport = { unavailable: null, models: [WHOLE, PART], usage: 740e6, quota: 60e9 };

describe("a model's size", () => {
  it("is that of its files", () => {
    expect(sizeText(WHOLE)).toBe("549 MB");
  });

  it("says what is missing, and that it is not lost", () => {
    expect(sizeText(PART)).toBe("187 MB of 549 MB, partial: the next run goes on from there");
    expect(sizeText({ ...PART, total: null })).toBe("187 MB, partial: the next run goes on from there");
  });

  it("stands with the reason where the files are of no use", () => {
    const unreadable: StoredModel = { ...PART, id: "", bytes: 500, unreadable: "the disk is broken" };
    expect(sizeText(unreadable)).toBe("500 bytes, of no use: the disk is broken");
    expect(comingText(unreadable, null)).toMatch(/^The next run downloads it, and keeps/);
  });
});

it("says which copy is in use where its address has another", () => {
  expect(standingText("replaced")).toMatch(/owner has replaced it.*using this copy/);
  expect(standingText("gone")).toMatch(/no longer at its address.*using this copy/);
  for (const standing of ["same", "unknown", undefined] as const) expect(standingText(standing)).toBe("");
});

it("says what a run of a chosen model downloads", () => {
  expect(comingText(WHOLE, "548 MB")).toMatch(/no download/);
  expect(comingText(PART, null)).toMatch(/^Kept in this browser: 187 MB of 549 MB/);
  expect(comingText(null, "548 MB")).toMatch(/^The next run downloads 548 MB, and keeps it/);
});

it("says how much room there is, where that is known", () => {
  expect(usageText(REPORT)).toMatch(/740 MB.*60\.00 GB/);
  expect(usageText({ ...REPORT, quota: null })).toMatch(/740 MB, the page itself included\.$/);
  expect(usageText({ ...REPORT, usage: null })).toBe("");
});
