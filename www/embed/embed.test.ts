// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { snippet } from "../panels/share/snippet.ts";
import { isFrame, readAddress } from "./address.ts";
import { tellHeight } from "./height.ts";

it("reads which figure, how it is drawn and what the link brings, and leaves the rest to the page", () => {
  const address = readAddress({
    search: "?embed=patch.map&theme=dark",
    hash: "#v=1&question=matters&patch.map.column=clean&patch.map.zoom=99&patch.other.column=x&figure=abc_-",
  });
  expect(address).toMatchObject({ analysis: "patch", figure: "map", theme: "dark", packed: "abc_-" });
  expect(address.options).toMatchObject({ column: "clean", zoom: "1" });
  expect(address.link).toMatch(/^#v=1&question=matters&.*patch\.other\.column=x$/);
});

it("takes any page with ?embed for a frame, and an unknown theme for none", () => {
  expect(isFrame({ search: "?embed" })).toBe(true);
  expect(isFrame({ search: "?theme=dark" })).toBe(false);
  const address = readAddress({ search: "?embed&theme=%3Cb%3E", hash: "" });
  expect(address).toMatchObject({ analysis: "", figure: "", theme: null, packed: null, link: "#" });
});

it("tells the height and nothing else, and only where it has changed", () => {
  const watched: (() => void)[] = [];
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(tell: () => void) {
        watched.push(tell);
      }
      observe() {}
    },
  );
  const [host, of] = [{ postMessage: vi.fn() }, document.createElement("div")];
  const box = vi.spyOn(of, "getBoundingClientRect");
  box.mockReturnValue({ height: 211.4 } as DOMRect);
  tellHeight(of, host);
  watched[0]?.();
  expect(host.postMessage.mock.calls).toEqual([[{ type: "patchbay-height", height: 212 }, "*"]]);
  box.mockReturnValue({ height: 300 } as DOMRect);
  watched[0]?.();
  expect(host.postMessage.mock.lastCall).toEqual([{ type: "patchbay-height", height: 300 }, "*"]);
});

it("writes a snippet in which no title or link ends an attribute", () => {
  const url = new URL('https://host.example/p/?embed=a.b#v=1&x="><script>');
  const host = document.createElement("div");
  host.innerHTML = snippet(url, 'A "title" <b>');
  const frame = host.querySelector("iframe");
  expect(frame?.getAttribute("src")).toBe(url.href);
  expect(frame?.getAttribute("title")).toBe('A "title" <b>');
  expect(host.querySelectorAll("*")).toHaveLength(2);
});
