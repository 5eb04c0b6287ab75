// @vitest-environment happy-dom

import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import { Guard } from "./guard.tsx";

afterEach(cleanup);

function Answer({ of }: { of: { text: string } | null }) {
  return <p>{of?.text ?? (of as unknown as { text: string }).text}</p>;
}

const page = (of: { text: string } | null) => (
  <main>
    <h1>Page</h1>
    <Guard of={of}>
      <Answer of={of} />
    </Guard>
  </main>
);

it("leaves the page when one answer cannot be drawn, and draws the next", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { rerender } = render(page({ text: "One" }));
  rerender(page(null));
  expect(screen.getByRole("alert").textContent).toMatch(/^This could not be shown/);
  expect(screen.getByText("Page")).toBeTruthy();
  rerender(page({ text: "Two" }));
  await screen.findByText("Two");
  expect(screen.queryByRole("alert")).toBeNull();
});
