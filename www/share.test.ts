import { describe, expect, it } from "vitest";
import type { Settings } from "./fields.ts";
import { FIELD_NAMES, FIELDS, settingsForSpec, specOf } from "./fields.ts";
import { pack } from "./pack.ts";
import { PANEL_DEFAULTS } from "./panel-fields.ts";
import { decode, encode } from "./share.ts";

const DEFAULTS: Settings = {
  experiment: "patching_positions",
  model: "openai-community/gpt2",
  layer: 10,
  head: 7,
  n: 150,
  seed: 42,
  symmetric: true,
  prompt_type: "mixed",
  prepend_bos: true,
  flip: "ABB -> BAB, BAB -> ABB",
  prompts: "",
  freeze_ln: true,
  device: "auto",
  accuracy: false,
};

const GOOD = await encode(DEFAULTS, DEFAULTS);

async function problems(fragment: string): Promise<{ field: string; message: string }[]> {
  const decoded = await decode(fragment, DEFAULTS);
  if (decoded === null || !("problems" in decoded)) throw new Error("expected problems");
  return decoded.problems;
}

/** The good link with one field's raw text replaced. */
function withField(name: string, raw: string): string {
  return GOOD.replace(new RegExp(`([#&]${name}=)[^&]*`), `$1${raw}`);
}

describe("a good link", () => {
  it("has the documented form", () => {
    expect(GOOD).toBe(
      "#v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=150&seed=42&symmetric=true" +
        "&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true",
    );
  });

  it.each<Partial<Settings>>([
    {},
    { device: "webgpu", accuracy: true },
    { device: "cpu" },
    {
      n: 10_000,
      seed: 4_294_967_295,
      layer: 0,
      head: 0,
      symmetric: false,
      prepend_bos: false,
      freeze_ln: false,
    },
    { prompt_type: "BABA", flip: "ABB -> CDD & 100% = 'x' + <b>ß</b> 🙂, BAB -> #" },
    { model: "folder" },
    { prompts: "Then, Alex and Zoë met. Zoë waved to Alex | Alex | Zoë\nno prompt <b>🙂</b>" },
    { model: "url:https://example.org/models/a%20b/" },
    { model: "url:http://localhost:8000/m" },
  ])("comes back as it went: %o", async (change) => {
    const settings = { ...DEFAULTS, ...change };
    expect(await decode(await encode(settings, DEFAULTS), DEFAULTS)).toEqual({ settings });
  });

  it.each([
    ["url:https://example.org/a b/?X-Amz-Signature=5ec#y", "url:https://example.org/a%20b/"],
    [
      "url: https://huggingface.co/distilbert/distilgpt2/tree/main ",
      "url:https://huggingface.co/distilbert/distilgpt2/resolve/main/",
    ],
    ["url:https://huggingface.co/openai-community/gpt2/resolve/main/", "openai-community/gpt2"],
  ])("of version 0.1 has its address read as the page now writes it: %s", async (old, model) => {
    const link = withField("model", encodeURIComponent(old));
    expect(await decode(link, DEFAULTS)).toEqual({ settings: { ...DEFAULTS, model } });
  });

  it("may have its fields in any order and + or %20 for a blank", async () => {
    const [v, ...rest] = GOOD.slice(1).split("&");
    const turned = [...rest.reverse(), v].join("&").replaceAll("+", "%20");
    expect(await decode(`#${turned}`, DEFAULTS)).toEqual({ settings: DEFAULTS });
  });

  it("holds everything that a spec holds", () => {
    expect(settingsForSpec(specOf(DEFAULTS))).toEqual(DEFAULTS);
  });
});

describe("the panel's settings", () => {
  it("are named where they are not the defaults, and come back", async () => {
    const panel = { ...PANEL_DEFAULTS, decompose_by: "queries", decompose_key: "sub_W_E (only MLPs)" };
    const link = await encode(DEFAULTS, DEFAULTS, null, panel);
    expect(link.slice(GOOD.length)).toBe("&decompose_by=queries&decompose_key=sub_W_E+%28only+MLPs%29");
    expect(await decode(link, DEFAULTS)).toEqual({ settings: DEFAULTS, panel });
  });

  it("are refused by name", async () => {
    expect(await problems(`${GOOD}&decompose_by=values`)).toMatchObject([{ field: "decompose_by" }]);
  });
});

describe("a link with the headline of a result", () => {
  const headline = { app: "0.1.0", sha256: "5c".repeat(32), revision: null, means: { clean: 3.2874 } };
  const encoded = encode(DEFAULTS, DEFAULTS, headline);

  it("is the link without it, and more", async () => {
    const link = await encoded;
    expect(link).toBe(`${GOOD}&app=0.1.0&sha256=${"5c".repeat(32)}&means=clean%3A3.2874`);
    expect(await decode(link, DEFAULTS)).toEqual({ settings: DEFAULTS, headline });
  });

  it("is refused with all that is wrong in it", async () => {
    const bad = (await encoded).replace("n=150", "n=0").replace("app=0.1.0", "app=x").replace("3.2874", "pi");
    expect((await problems(bad)).map(({ field }) => field)).toEqual(["app", "means", "n"]);
  });
});

describe("no link", () => {
  it.each(["", "#"])("%o", async (fragment) => expect(await decode(fragment, DEFAULTS)).toBeNull());
});

const NO_PROMPT = await pack("just text");
const BOMB = await pack("A".repeat(2_000_000));
const MANY_LINES = await pack("a | b\n".repeat(166_000));

describe("a bad link", () => {
  it.each([
    ["of an unknown version", withField("v", "2"), "v"],
    ["without a version", GOOD.replace("v=1&", ""), "link"],
    ["that is some anchor", "#about", "link"],
    ["with an unknown field", `${GOOD}&colour=red`, "colour"],
    ["with a field named like Object's own", `${GOOD}&__proto__=1`, "__proto__"],
    ["with a field twice", `${GOOD}&n=150`, "n"],
    ["with the version twice", `${GOOD}&v=1`, "v"],
    ["with a broken escape", withField("flip", "%E0%A4%A"), "flip"],
    ["with a pair without =", `${GOOD}&accuracy`, "accuracy"],
    ["with an empty pair", `${GOOD}&`, "link"],
    ["that is far too long", `${GOOD}&flip=${"A".repeat(9000)}`, "link"],
    ["with a flip that is too long", withField("flip", "A".repeat(501)), "flip"],
    ["with an empty flip", withField("flip", ""), "flip"],
    ["of another experiment", withField("experiment", "logit_lens"), "experiment"],
    ["of another prompt type", withField("prompt_type", "abba"), "prompt_type"],
    ["with yes for true", withField("symmetric", "yes"), "symmetric"],
    ["with TRUE for true", withField("freeze_ln", "TRUE"), "freeze_ln"],
    ["with 1 for true", `${GOOD}&accuracy=1`, "accuracy"],
    ["of another device", `${GOOD}&device=cuda`, "device"],
    ["of an unknown model", withField("model", "gpt3"), "model"],
    ["of a local file", withField("model", "url:file:///etc/passwd"), "model"],
    ["of a script", withField("model", "url:javascript:alert(1)"), "model"],
    ["of a data URL", withField("model", "url:data:text/plain,x"), "model"],
    ["of a relative URL", withField("model", "url:models/gpt2"), "model"],
    ["of a URL with a password", withField("model", "url:https://a:b@example.org/"), "model"],
    ["of no URL", withField("model", "url:"), "model"],
    ["with prompts that are not packed", `${GOOD}&prompts=A+%7C+B`, "prompts"],
    ["with damaged prompts", `${GOOD}&prompts=AAAAAAAA`, "prompts"],
    ["with prompts of which none is one", `${GOOD}&prompts=${NO_PROMPT}`, "prompts"],
    ["with prompts that unfold without end", `${GOOD}&prompts=${BOMB}`, "prompts"],
    ["with 166 000 lines", `${GOOD}&prompts=${MANY_LINES}`, "prompts"],
    ["with a NUL in its flip", withField("flip", "ABB+-%3E+B%00B"), "flip"],
    ["with a flip turned around", withField("flip", "ABB+-%3E+B%E2%80%AEB"), "flip"],
    ["with an escape in a panel's field", `${GOOD}&explore_token=%1B%5B31m`, "explore_token"],
  ])("%s is refused by name", async (_, fragment, field) => {
    expect((await problems(fragment)).map((problem) => problem.field)).toEqual([field]);
  });

  it.each(FIELD_NAMES.filter((name) => FIELDS[name].kind === "integer"))(
    "%s must be a plain whole number",
    async (name) => {
      const bad = [
        "",
        "1e3",
        "0x10",
        "%2B5",
        "+5",
        "5+",
        "-1",
        "1.5",
        "1.0",
        "007",
        "NaN",
        "Infinity",
        "٣",
        "1_000",
        "5n",
      ];
      for (const raw of [...bad, "99999999999", "9".repeat(400)]) {
        expect(
          (await problems(withField(name, raw))).map((problem) => problem.field),
          raw,
        ).toEqual([name]);
      }
    },
  );

  it.each([
    ["n", "0"],
    ["n", "10001"],
    ["seed", "4294967296"],
    ["layer", "1000"],
    ["head", "1000"],
  ])("%s=%s is out of range", async (name, raw) => {
    expect((await problems(withField(name, raw)))[0]?.message).toMatch(
      /^expected a whole number from \d+ to \d+, found/,
    );
  });

  it("that was cut off names what is missing", async () => {
    const cut = GOOD.slice(0, GOOD.indexOf("&flip"));
    expect(await problems(cut)).toEqual([
      { field: "link", message: "the link may have been cut off; missing: flip, freeze_ln" },
    ]);
  });

  it("that is none says so", async () => {
    for (const fragment of ["#about", "#n=150", GOOD.replace("v=1&", "")]) {
      expect((await problems(fragment))[0]?.message).toMatch(/not a Patchbay link.*v=1/);
    }
  });

  it("names every bad field at once", async () => {
    const found = await problems(withField("n", "0").replace("seed=42", "seed=x"));
    const fields = found.map((problem) => problem.field);
    expect(fields).toEqual(["n", "seed"]);
  });

  it("shows nothing that cannot be seen", async () => {
    const bad = `${GOOD}&device=a%00%E2%80%AEb&x%1B=1`;
    expect(await problems(bad)).toMatchObject([
      { field: "x\\u{1b}" },
      { field: "device", message: expect.stringContaining('found "a\\u{0}\\u{202e}b"') },
    ]);
  });

  it("keeps its message short", async () => {
    const long = "x".repeat(7000);
    const unknown = Array.from({ length: 800 }, (_, i) => `x${i}=1`).join("&");
    const bad = [
      `${GOOD}&${long}=1&${long}=1`,
      `#v=1&${long}`,
      `${GOOD}&device=${long}`,
      withField("model", long),
      withField("model", `url:${long}`),
      `#v=${long}`,
      `#v=1&${unknown}`,
      "#v=1",
    ];
    for (const fragment of bad) {
      const text = (await problems(fragment)).map(({ field, message }) => `${field}: ${message}`);
      expect(text.join(" ").length, fragment.slice(0, 80)).toBeLessThan(400);
    }
  });
});
