// Terms are found where they stand as words, each once.

import { describe, expect, it } from "vitest";
import { TERMS, type TermId, termsIn } from "./glossary.ts";

/** The terms in brackets. */
const marked = (text: string) =>
  termsIn(text)
    .map((part) => (typeof part === "string" ? part : `[${part.text}=${part.id}]`))
    .join("");

describe("terms in a text", () => {
  it("are found between other characters", () => {
    expect(marked("END→S1")).toBe("[END=end]→[S1=s1]");
    expect(marked("mean ‖Δq_input‖, of q_input")).toBe("mean [‖Δq_input‖=moved_input], of [q_input=q_input]");
    expect(marked("span{W_U[IO], W_U[S]}")).toBe("span{[W_U=unembedding][[IO=io]], W_U[S]}");
  });

  it("are whole words", () => {
    for (const text of ["IOI", "S12", "ENDING", "AUDIO", "my_q_input", "q_inputs", "no-ops"])
      expect(marked(text)).toBe(text);
  });

  it("are marked once each, however they are written", () => {
    expect(marked("IO, then IO; ln1's scale and ln1.scale")).toBe(
      "[IO=io], then IO; [ln1's scale=frozen_ln] and ln1.scale",
    );
  });

  it("are marked once in several texts that belong together", () => {
    const seen = new Set<TermId>();
    const parts = ["IO and S1", "S1 and S2"].map((text) => termsIn(text, seen));
    const ids = parts.map((texts) => texts.flatMap((part) => (typeof part === "string" ? [] : [part.id])));
    expect(ids).toEqual([["io", "s1"], ["s2"]]);
  });

  it("keep the text as it is", () => {
    for (const text of ["", "nothing", "<b>IO</b> & S2", "END"]) {
      const parts = termsIn(text).map((part) => (typeof part === "string" ? part : part.text));
      expect(parts.join("")).toBe(text);
    }
  });
});

it("explanations are short", () => {
  for (const { text } of Object.values(TERMS)) expect(text.length).toBeLessThan(240);
});
