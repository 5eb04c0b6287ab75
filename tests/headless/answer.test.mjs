// What `patchbay run` and `patchbay sweep` say in words, above their tables and in their JSON.

import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "./commands.mjs";
import { TINY } from "./tiny.mjs";

const ON_TINY = ["--model", TINY, "-n", "20", "--device", "cpu"];

for (const [name, head, answer] of [
  ["run", ["--layer", "2", "--head", "1"], /^Head 2\.1 has no clear preference for IO or S1: .+\.$/],
  ["sweep", [], /^Of 12 heads, 1\.2 attends most to IO rather than S1, by 1\.00; .+\.$/],
]) {
  test(`${name} says its answer in the second line, then that prompts are few, and the same in JSON`, async () => {
    const args = [...ON_TINY, ...head];
    const { code, stdout, stderr } = await command(name, args);
    assert.deepEqual([code, stderr], [0, ""]);
    const [, said, few] = stdout.split("\n");
    assert.match(said, answer);
    assert.match(few, /^These are few prompts: 20 in 10 pairs, each of which counts once\. /);
    const json = JSON.parse((await command(name, [...args, "--json"])).stdout);
    assert.deepEqual([json.answer, json.notes], [said, [few]]);
  });
}
