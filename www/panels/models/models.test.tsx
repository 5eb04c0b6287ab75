// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StoredModel } from "../../door/protocol.ts";
import { HUB_ID, MINI_ID } from "../../door/sources.ts";
import { lastModel } from "../../store/models/models.ts";
import { refreshStored, standings, stored, unreadable } from "../../store/models/stored.ts";
import { folder, known, model } from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { Models } from "./index.tsx";
import { LastModel, ModelNotice } from "./notice.tsx";

const OTHER = "url:https://models.test/m/";
const kept = (id: string, more: Partial<StoredModel> = {}): StoredModel => ({
  key: id,
  id,
  revision: "607a30d783dfa663caf39e06633721c8d4cfcd7e",
  bytes: 549e6,
  total: 549e6,
  complete: true,
  date: "2026-11-20T14:05:00Z",
  sha256: "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707",
  unreadable: null,
  ...more,
});
const storing = (...models: StoredModel[]) => {
  const report = { unavailable: null, models, usage: 740e6, quota: 60e9 };
  vi.spyOn(lab, "stored").mockResolvedValue(report);
  stored.value = report;
};

beforeEach(() => {
  storing();
  model.value = MINI_ID;
  lastModel.value = null;
  known.value = null;
  unreadable.value = null;
  standings.value = new Map();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function open() {
  const close = vi.fn();
  render(<Models open close={close} />);
  return close;
}
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));

describe("choosing", () => {
  it("takes GPT-2 small with the next run, says how much that downloads, and closes", () => {
    const close = open();
    expect(screen.getByText(/next run downloads 548 MB, and keeps it in this browser\.$/)).toBeTruthy();
    press("Use GPT-2 small");
    expect(model.value).toBe(HUB_ID);
    expect(close).toHaveBeenCalled();
  });

  it("offers medium and large by their sizes, and takes them for no address of one's own", () => {
    open();
    expect(
      screen.getByText(/gpt2-medium, 24 layers of 16 heads\. .*downloads about 1\.5 GB, .*1\.4 GB of/),
    ).toBeTruthy();
    expect(
      screen.getByText(/gpt2-large, 36 layers of 20 heads\. .*downloads about 3\.2 GB, .*3\.1 GB of/),
    ).toBeTruthy();
    press("Use GPT-2 large");
    expect(model.value).toBe("url:https://huggingface.co/openai-community/gpt2-large/resolve/main/");
    cleanup();
    open();
    expect(screen.getAllByText("chosen")).toHaveLength(1);
    expect((screen.getByLabelText("From an address") as HTMLInputElement).value).toBe("");
    render(<ModelNotice />);
    expect(
      screen.getByText(/^openai-community\/gpt2-large is chosen\. The next run downloads about 3\.2 GB/),
    ).toBeTruthy();
  });

  it("says at the field what is wrong with an address, until it is mended", () => {
    const close = open();
    const field = screen.getByLabelText("From an address");
    const describedBy = () =>
      (field.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent);
    fireEvent.input(field, { target: { value: "/home/me/model" } });
    press("Use this address");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(describedBy()[0]).toMatch(
      /^Expected OWNER\/NAME.*found a path; .*choose “From a folder on this machine”\.$/,
    );
    expect([model.value, close.mock.calls.length]).toEqual([MINI_ID, 0]);
    fireEvent.input(field, { target: { value: "roneneldan/TinyStories-1M" } });
    expect([field.getAttribute("aria-invalid"), describedBy()[0]]).toEqual(["false", ""]);
    press("Use this address");
    expect(model.value).toBe("url:https://huggingface.co/roneneldan/TinyStories-1M/resolve/main/");
    expect(close).toHaveBeenCalled();
  });

  it("takes a folder, or says what is missing in it", () => {
    const close = open();
    const pick = (...names: string[]) => {
      const files = names.map((name) =>
        Object.assign(new File([""], name), { webkitRelativePath: `m/${name}` }),
      );
      const input = screen.getByLabelText("From a folder on this machine");
      Object.defineProperty(input, "files", { value: files, configurable: true });
      fireEvent.change(input);
    };
    pick("config.json", "tokenizer.json");
    expect(screen.getByText(/safetensors.*\.$/, { selector: '[role="alert"]' })).toBeTruthy();
    expect(close).not.toHaveBeenCalled();
    pick("config.json", "tokenizer.json", "model.safetensors");
    expect([model.value, folder.value?.kind]).toEqual(["folder", "folder"]);
    expect(close).toHaveBeenCalled();
  });
});

describe("the list of stored models", () => {
  it("says of each what it is, and has it used or deleted", async () => {
    storing(kept(HUB_ID), kept(OTHER, { bytes: 187e6, complete: false, revision: null, sha256: null }));
    const forget = vi.spyOn(lab, "forget").mockResolvedValue();
    const close = open();
    const [hub, part] = screen.getAllByRole("row");
    expect(hub?.textContent).toMatch(
      /GPT-2 small.*549 MB · .*2026.* · revision 607a30d7… · SHA-256 248dfc39…/,
    );
    expect(part?.textContent).toMatch(/models\.test\/m.*187 MB of 549 MB, partial: the next run goes on/);
    expect(screen.getByText(/uses 740 MB.*60\.00 GB/)).toBeTruthy();
    press("Delete GPT-2 small (openai-community/gpt2)");
    expect(forget).toHaveBeenCalledWith(HUB_ID);
    await screen.findByText("Deleted: GPT-2 small (openai-community/gpt2), 549 MB.");
    press(/^Use, and download the rest/);
    expect([model.value, close.mock.calls.length]).toEqual([OTHER, 1]);
  });

  it("says why a model in use is not deleted", async () => {
    storing(kept(HUB_ID));
    vi.spyOn(lab, "forget").mockRejectedValue(new Error("A tab is reading it."));
    open();
    press(/^Delete/);
    await screen.findByText(/^Not deleted: GPT-2 small.* A tab is reading it\.$/);
    expect(screen.getAllByRole("row")).toHaveLength(1);
  });

  it("offers the new one where the owner has replaced it", () => {
    storing(kept(OTHER));
    standings.value = new Map([[OTHER, "replaced"]]);
    open();
    const row = within(screen.getByRole("row"));
    expect(row.getByText("Its owner has replaced it since. Runs go on using this copy.")).toBeTruthy();
    expect(row.getByRole("button", { name: `Use the new one of ${OTHER.slice(4)}` })).toBeTruthy();
  });

  it("has nothing to use in what cannot be read, but room to be had", () => {
    storing(kept("", { key: "x", unreadable: "the disk is broken", bytes: 500 }));
    open();
    const row = within(screen.getByRole("row"));
    expect(row.getByText(/500 bytes, of no use: the disk is broken/)).toBeTruthy();
    expect(row.getAllByRole("button").map(({ textContent }) => textContent)).toEqual([
      "Delete a model that cannot be read",
    ]);
  });

  it("says why nothing can be kept, and why it is not known what is", async () => {
    stored.value = {
      unavailable: "Nothing is kept in a private window.",
      models: [],
      usage: null,
      quota: null,
    };
    vi.spyOn(lab, "stored").mockRejectedValue(new Error("denied"));
    open();
    expect(screen.getByText("Nothing is kept in a private window.")).toBeTruthy();
    expect(screen.queryByText(/None yet/)).toBeNull();
    await screen.findByText("What is stored could not be read: denied");
  });
});

describe("below the header", () => {
  it("the last visit's model is offered in one press where its files are here", async () => {
    lastModel.value = HUB_ID;
    render(
      <>
        <LastModel />
        <ModelNotice />
      </>,
    );
    expect(screen.queryByRole("button")).toBeNull();
    storing(kept(HUB_ID));
    await refreshStored();
    press("Use GPT-2 small, kept in this browser");
    expect(model.value).toBe(HUB_ID);
    expect(screen.queryByRole("button")).toBeNull();
    expect(
      screen.getByText("GPT-2 small is chosen. Kept in this browser: a run needs no download."),
    ).toBeTruthy();
  });

  it("a chosen model says what its run downloads, until it has been read", async () => {
    model.value = HUB_ID;
    render(<ModelNotice />);
    const said = () => screen.getByRole("status").textContent;
    expect(said()).toMatch(/^GPT-2 small is chosen\. The next run downloads 548 MB/);
    known.value = { id: HUB_ID, info: {} as never };
    await vi.waitFor(() => expect(said()).toBe(""));
    storing(kept(HUB_ID));
    standings.value = new Map([[HUB_ID, "gone"]]);
    await vi.waitFor(() => expect(said()).toMatch(/^GPT-2 small: it is no longer at its address/));
  });
});
