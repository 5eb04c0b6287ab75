import { expect, it } from "vitest";
import { isOf, withHead, withReceiver } from "./entries.ts";

it("a head is told from others that begin alike", () => {
  expect(isOf("1.1@END", 1, 1)).toBe(true);
  expect(isOf("1.1", 1, 1)).toBe(true);
  expect(isOf("1.1.q", 1, 1)).toBe(true);
  expect(isOf("1.11@END", 1, 1)).toBe(false);
  expect(isOf("11.1@END", 1, 1)).toBe(false);
  expect(isOf("logits", 0, 0)).toBe(false);
});

it("a head that is pressed is added at the chosen positions, and taken out wherever it was", () => {
  expect(withHead("", 0, 2, "S2+END")).toBe("0.2@S2+END");
  expect(withHead("1.0@END,1.1", 0, 2, "all")).toBe("1.0@END, 1.1, 0.2@all");
  expect(withHead("1.0@END, 0.2@all, 1.0@S2", 1, 0, "END")).toBe("0.2@all");
  // What is not understood stays for whoever wrote it.
  expect(withHead("1.0@END, x", 1, 0, "END")).toBe("x");
});

it("what reads is added and taken out, and the logits read where nothing else does", () => {
  expect(withReceiver("logits", "1.0.q")).toBe("1.0.q");
  expect(withReceiver("1.0.q", "1.0.v")).toBe("1.0.q, 1.0.v");
  expect(withReceiver("1.0.q, 1.0.v", "1.0.q")).toBe("1.0.v");
  expect(withReceiver("1.0.v", "1.0.v")).toBe("logits");
});
