// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FileVector, VectorRead } from "../../../pkg/cpu/patchbay.js";
import * as session from "../../store/session.ts";
import { lab } from "../../store/tasks/queue.ts";
import { SCHEMAS } from "../../store/testing.ts";
import { patch } from "./asked.ts";
import { Vector, wordsOf } from "./vector.tsx";

const SHA256 = "0123456789abcdef".repeat(4);
const VECTOR: FileVector = { file: "v.safetensors", tensor: "dir", row: 1, sha256: SHA256, numbers: [3, -4] };
const TENSORS: VectorRead["tensors"] = [
  { name: "dir", dtype: "F32", shape: [2, 2] },
  { name: "other", dtype: "I64", shape: [2] },
];

beforeEach(() => {
  session.schemas.value = SCHEMAS;
  session.texts.value = { ...session.defaults.value, patch_edit: "add" };
  session.problems.value = [];
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const pick = () =>
  fireEvent.change(screen.getByLabelText("A file with a vector"), {
    target: { files: [new File(["x"], "v.safetensors")] },
  });

it("is told with its name, its place, its size, its norm and its hash", () => {
  expect(wordsOf(VECTOR)).toBe("v.safetensors, dir[1]: 2 numbers, norm 5, SHA-256 01234567…");
});

it("is chosen by file, tensor and row, and is a text of the settings then", async () => {
  const vector = vi
    .spyOn(lab, "vector")
    .mockResolvedValueOnce({
      tensors: TENSORS,
      vector: null,
      problem: "it has 2 tensors; name one: dir, other",
    })
    .mockResolvedValueOnce({ tensors: TENSORS, vector: null, problem: "it has 2 rows of 2 numbers" })
    .mockResolvedValueOnce({ tensors: TENSORS, vector: VECTOR, problem: null });
  render(<Vector />);
  pick();
  await screen.findByText(/name one: dir, other/);
  expect(session.texts.value.patch_vector).toBe("");
  fireEvent.change(screen.getByLabelText("Tensor"), { target: { value: "dir" } });
  await screen.findByText(/it has 2 rows/);
  fireEvent.input(screen.getByLabelText("Row"), { target: { value: "1" } });
  await screen.findByText(/^v\.safetensors, dir\[1\]: 2 numbers/);
  expect(vector.mock.calls.map(([name, , tensor, row]) => [name, tensor, row])).toEqual([
    ["v.safetensors", undefined, undefined],
    ["v.safetensors", "dir", undefined],
    ["v.safetensors", "dir", 1],
  ]);
  expect(JSON.parse(session.texts.value.patch_vector ?? "")).toEqual(VECTOR);
  expect(patch.question).toMatchObject({ texts: { patch_edit: "add", patch_times: "1" } });
  // An edit without one is asked without it.
  session.setText("patch_edit", "zero");
  expect(patch.question).not.toHaveProperty("texts.patch_vector");
});

it("may be one of the model's, and a file that cannot be read leaves none and is told of", async () => {
  render(<Vector />);
  fireEvent.change(screen.getByLabelText("A vector of the model"), { target: { value: "W_U[wrong]" } });
  expect(session.texts.value.patch_vector).toBe("W_U[wrong]");
  vi.spyOn(lab, "vector").mockRejectedValue(new Error("v.safetensors: the file is empty"));
  pick();
  await waitFor(() => expect(screen.getByText(/^The file was not opened: .*empty/)).toBeTruthy());
});
