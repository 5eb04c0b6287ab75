// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, expect, it, vi } from "vitest";
import { Dialog } from "./dialog.tsx";

afterEach(cleanup);

it("is in front of the page while it is open, with its title for a name", () => {
  const close = vi.fn();
  render(
    <Dialog title="Models" open close={close}>
      <p>Inside</p>
    </Dialog>,
  );
  const dialog = screen.getByRole("dialog", { name: "Models" });
  expect((dialog as HTMLDialogElement).open).toBe(true);
  fireEvent.click(screen.getByText("Close"));
  expect(close).toHaveBeenCalledTimes(1);
  fireEvent.pointerDown(screen.getByText("Inside"));
  expect(close).toHaveBeenCalledTimes(1);
  fireEvent.pointerDown(dialog);
  expect(close).toHaveBeenCalledTimes(2);
});

it("has its Esc for itself: a run behind it goes on", () => {
  const behind = vi.fn();
  document.addEventListener("keydown", behind);
  render(
    <Dialog title="Models" open close={vi.fn()}>
      <input aria-label="Inside" />
    </Dialog>,
  );
  fireEvent.keyDown(screen.getByLabelText("Inside"), { key: "Escape" });
  expect(behind).not.toHaveBeenCalled();
  fireEvent.keyDown(screen.getByLabelText("Inside"), { key: "a" });
  expect(behind).toHaveBeenCalledTimes(1);
  document.removeEventListener("keydown", behind);
});
