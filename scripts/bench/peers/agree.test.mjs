import assert from "node:assert/strict";
import { test } from "node:test";
import { largestDifference, mustAgree, mustTell, printedDifference, TOLERANCE } from "./agree.mjs";
import { batchesOf } from "./tab.mjs";

test("the largest difference, which is infinite where a number is missing or none", () => {
  assert.equal(largestDifference([1, 2, 3], [1, 2.5, 2.75]), 0.5);
  for (const [ours, theirs] of [
    [[1, 2], [1]],
    [[1], [1, 2]],
    [[], []],
    [[1], [Number.NaN]],
  ])
    assert.equal(largestDifference(ours, theirs), Infinity);
});

test("a peer that gives other figures is an error", () => {
  assert.equal(mustAgree("it", TOLERANCE), TOLERANCE);
  for (const difference of [TOLERANCE * 1.01, 1, Infinity, Number.NaN, undefined])
    assert.throws(() => mustAgree("it", difference), /it does not compute what Patchbay does/);
});

test("figures that are all alike would say nothing", () => {
  mustTell("these", [0, 10 * TOLERANCE]);
  for (const figures of [[1, 1], [1], [], [1, Number.NaN]])
    assert.throws(() => mustTell("these", figures), /too little/);
});

test("a program says a difference at the end of each of its runs", () => {
  const text = "a table\nlargest difference 1.0e-06\na table\nlargest difference 3.0e-07\n";
  assert.equal(printedDifference(text, 2), 1e-6);
  assert.equal(printedDifference(text, 3), Infinity);
  assert.equal(printedDifference("largest difference nan\n", 1), Infinity);
});

test("batches are of one length each, with their own answers, and come back into the prompts' order", () => {
  const { all, inOrder } = batchesOf({
    clean: {
      tokens: [
        [1, 2, 3],
        [4, 5],
        [6, 7, 8],
      ],
    },
    corrupted: {
      tokens: [
        [1, 2, 0],
        [4, 0],
        [6, 7, 0],
      ],
    },
    answers: [[10], [11], [12]],
    wrong_answers: [[20], [21], [22]],
  });
  assert.deepEqual(
    all.map(({ rows }) => rows),
    [
      [
        [1, 2, 3],
        [6, 7, 8],
        [1, 2, 0],
        [6, 7, 0],
      ],
      [
        [4, 5],
        [4, 0],
      ],
    ],
  );
  assert.deepEqual(all[0].answers, [[10], [12], [10], [12]]);
  assert.deepEqual(all[1].wrong, [[21], [21]]);
  assert.deepEqual(
    inOrder([
      ["a", "c", "A", "C"],
      ["b", "B"],
    ]),
    ["a", "b", "c", "A", "B", "C"],
  );
});
