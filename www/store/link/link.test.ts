// @vitest-environment happy-dom
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { message, panels } from "../run.ts";
import * as session from "../session.ts";
import { LAB, PANELS, SCHEMAS } from "../testing.ts";
import { decode, encode, openLink, promised, type Settings } from "./link.ts";
import { pack } from "./pack.ts";

session.schemas.value = SCHEMAS;
panels.value = PANELS;

const DEFAULTS: Settings = {
  texts: { ...session.defaults.value, layer: "10", head: "7" },
  model: "openai-community/gpt2",
  device: "auto",
  question: "place",
  headline: null,
};
const WHY = ["decompose", "nearest"];

const with_ = (change: Record<string, string>, more: Partial<Settings> = {}): Settings => ({
  ...DEFAULTS,
  ...more,
  texts: { ...DEFAULTS.texts, ...change },
});

/** As version 0.1 wrote it. */
const OLD =
  "v=1&experiment=patching_positions&model=openai-community%2Fgpt2&layer=10&head=7&n=150&seed=42&symmetric=true" +
  "&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true";

const read = (link: string) => decode(link.replace(/^#/, ""), PANELS, LAB);

async function problems(link: string): Promise<{ field: string; message: string }[]> {
  const found = await read(link);
  if (!Array.isArray(found)) throw new Error("expected problems");
  return found;
}

/** The good link with one field's raw text replaced. */
function withField(name: string, raw: string): string {
  return OLD.replace(new RegExp(`((?:^|&)${name}=)[^&]*`), `$1${raw}`);
}

describe("a good link", () => {
  it("has all that every link has, and otherwise what is not the default", async () => {
    const link = await encode(with_({ seed: "7", decompose_by: "queries" }), []);
    expect(link).toBe(
      "#v=1&question=place&model=openai-community%2Fgpt2&experiment=patching_positions&layer=10&head=7&n=150&seed=7" +
        "&symmetric=true&prompt_type=mixed&prepend_bos=true&flip=ABB+-%3E+BAB%2C+BAB+-%3E+ABB&freeze_ln=true",
    );
    const why = await encode(with_({ decompose_by: "queries", accuracy: "true" }), WHY);
    expect(why).toContain("&accuracy=true&decompose_by=queries");
  });

  it.each<[Record<string, string>, Partial<Settings>]>([
    [{}, {}],
    [{ accuracy: "true" }, { device: "webgpu" }],
    [
      { layer: "", head: "" },
      { model: "ioi-mini", question: "why" },
    ],
    [{ n: "10000", seed: "4294967295", symmetric: "false", freeze_ln: "false" }, {}],
    [{ prompt_type: "BABA", flip: "ABB -> CDD & 100% = 'x' + <b>ß</b> 🙂, BAB -> #" }, {}],
    [{ prompts: "Then, Alex and Zoë met. Zoë waved to Alex | Alex | Zoë\nno prompt <b>🙂</b>" }, {}],
    [{ decompose_by: "both", explore_token: " Zoë" }, {}],
    [{ task: "induction", induction_length: "12" }, {}],
    [{ task: "pairs", pairs: '[{"clean": "Zoë | 🙂"}]' }, {}],
    [
      { "decompose.pairs.zoom": "4", "decompose.pairs.marks": "9.9 MLP_0, ∥", "sweep.map.column": "x & y" },
      {},
    ],
    [{}, { model: "url:https://example.org/models/a%20b/" }],
  ])("comes back as it went: %o %o", async (change, more) => {
    const settings = with_(change, more);
    expect(await read(await encode(settings, WHY))).toEqual(settings);
  });

  it("has nothing of a task that is not chosen", async () => {
    const link = await encode(with_({ pairs: "a | b", task: "induction", induction_length: "9" }), []);
    expect(link).toContain("&task=induction&induction_length=9");
    expect(link).not.toContain("pairs=");
  });

  it("of version 0.1 opens", async () => {
    expect(await read(OLD)).toEqual(DEFAULTS);
    expect(await read(`${OLD}&device=cpu&accuracy=true`)).toEqual(
      with_({ accuracy: "true" }, { device: "cpu" }),
    );
  });

  it("of version 0.1 has its figures drawn as it says", async () => {
    const old =
      "&decompose_zoom=3&decompose_threshold=100&decompose_marks=9.9+MLP_0&replace_values=diff&replace_layout=multiples";
    expect(await read(OLD + old)).toEqual(
      with_({
        "decompose.pairs.zoom": "3",
        "decompose.pairs.threshold": "100",
        "decompose.pairs.marks": "9.9 MLP_0",
        "replacements.spread.column": "diff",
        "replacements.spread.layout": "multiples",
      }),
    );
  });

  it.each([
    ["url:https://example.org/a b/?X-Amz-Signature=5ec#y", "url:https://example.org/a%20b/"],
    [
      "url: https://huggingface.co/distilbert/distilgpt2/tree/main ",
      "url:https://huggingface.co/distilbert/distilgpt2/resolve/main/",
    ],
    ["url:https://huggingface.co/openai-community/gpt2/resolve/main/", "openai-community/gpt2"],
  ])("of version 0.1 has its address read as the page now writes it: %s", async (old, model) => {
    expect(await read(withField("model", encodeURIComponent(old)))).toEqual(with_({}, { model }));
  });

  it("may have its fields in any order and + or %20 for a blank", async () => {
    const turned = OLD.split("&").reverse().join("&").replaceAll("+", "%20");
    expect(await read(turned)).toEqual(DEFAULTS);
  });

  it("without a question is of the one whose fields it sets", async () => {
    expect(await read(`${OLD}&decompose_by=queries`)).toEqual(
      with_({ decompose_by: "queries" }, { question: "why" }),
    );
    // A result in it is a run's.
    const headline = `&app=0.1.0&sha256=${"5c".repeat(32)}&means=clean%3A1`;
    expect(await read(`${OLD}&decompose_by=queries${headline}`)).toMatchObject({ question: "place" });
  });
});

describe("a link with the headline of a result", () => {
  const headline = { app: "0.1.0", sha256: "5c".repeat(32), means: "clean:3.2874" };
  const encoded = encode({ ...DEFAULTS, headline }, []);

  it("is the link without it, and more", async () => {
    const link = await encoded;
    expect(link).toBe(
      `${await encode(DEFAULTS, [])}&app=0.1.0&sha256=${"5c".repeat(32)}&means=clean%3A3.2874`,
    );
    expect(await read(link)).toEqual({ ...DEFAULTS, headline });
  });

  it("is refused with all that is wrong in it", async () => {
    const bad = (await encoded).replace("n=150", "n=0").replace(/(app|means)=[^&]*/g, "$1=");
    expect((await problems(bad)).map(({ field }) => field)).toEqual(["app", "means", "n"]);
  });
});

describe("a bad link", async () => {
  const NO_PROMPT = await pack("just text");
  const BOMB = await pack("A".repeat(2_000_000));

  it.each([
    ["of an unknown version", withField("v", "2"), "v"],
    ["without a version", OLD.replace("v=1&", ""), "link"],
    ["that is some anchor", "about", "link"],
    ["with an unknown field", `${OLD}&colour=red`, "colour"],
    ["with a field named like Object's own", `${OLD}&__proto__=1`, "__proto__"],
    ["with a field twice", `${OLD}&n=150`, "n"],
    ["with the version twice", `${OLD}&v=1`, "v"],
    ["with a broken escape", withField("flip", "%E0%A4%A"), "flip"],
    ["with a pair without =", `${OLD}&accuracy`, "accuracy"],
    ["with an empty pair", `${OLD}&`, "link"],
    ["that is far too long", `${OLD}&flip=${"A".repeat(9000)}`, "link"],
    ["with a number out of range", withField("n", "10001"), "n"],
    ["with an empty number", withField("n", ""), "n"],
    ["with a number in disguise", withField("seed", "1e3"), "seed"],
    ["with yes for true", withField("symmetric", "yes"), "symmetric"],
    ["of another device", `${OLD}&device=cuda`, "device"],
    ["of another question", `${OLD}&question=meaning`, "question"],
    ["of an unknown model", withField("model", "gpt3"), "model"],
    ["of a local file", withField("model", "url:file:///etc/passwd"), "model"],
    ["of a script", withField("model", "url:javascript:alert(1)"), "model"],
    ["of a data URL", withField("model", "url:data:text/plain,x"), "model"],
    ["of a relative URL", withField("model", "url:models/gpt2"), "model"],
    ["of a URL with a password", withField("model", "url:https://a:b@example.org/"), "model"],
    ["of no URL", withField("model", "url:"), "model"],
    ["with prompts that are not packed", `${OLD}&prompts=A+%7C+B`, "prompts"],
    ["with damaged prompts", `${OLD}&prompts=AAAAAAAA`, "prompts"],
    ["with prompts of which none is one", `${OLD}&prompts=${NO_PROMPT}`, "prompts"],
    ["with prompts that unfold without end", `${OLD}&prompts=${BOMB}`, "prompts"],
    ["with another question's field wrong", `${OLD}&decompose_by=values`, "decompose_by"],
    ["with a way of drawing that there is not", `${OLD}&decompose_zoom=9`, "decompose_zoom"],
    ["with an escape in such a field", `${OLD}&decompose_marks=%1B%5B31m`, "decompose_marks"],
    ["with such a value of today", `${OLD}&decompose.pairs.zoom=9`, "decompose.pairs.zoom"],
    ["with an option that no figure has", `${OLD}&decompose.pairs.colour=red`, "decompose.pairs.colour"],
    ["with a figure of no analysis", `${OLD}&divine.pairs.zoom=2`, "divine.pairs.zoom"],
    ["with a figure of no name", `${OLD}&decompose..zoom=2`, "decompose..zoom"],
  ])("%s is refused by name", async (_, link, field) => {
    expect((await problems(link)).map((problem) => problem.field)).toEqual([field]);
  });

  it("that was cut off names what is missing", async () => {
    expect(await problems(OLD.slice(0, OLD.indexOf("&flip")))).toEqual([
      { field: "link", message: "the link may have been cut off; missing: flip, freeze_ln" },
    ]);
  });

  it("that is none says so", async () => {
    for (const link of ["about", "n=150", OLD.replace("v=1&", "")])
      expect((await problems(link))[0]?.message).toMatch(/not a Patchbay link.*v=1/);
  });

  it("names every bad field at once", async () => {
    const found = await problems(withField("n", "0").replace("seed=42", "seed=x"));
    expect(found.map(({ field }) => field)).toEqual(["n", "seed"]);
  });

  it("shows nothing that cannot be seen", async () => {
    expect(await problems(`${OLD}&device=a%00%E2%80%AEb&x%1B=1`)).toMatchObject([
      { field: "x\\u{1b}" },
      { field: "device", message: expect.stringContaining('found "a\\u{0}\\u{202e}b"') },
    ]);
  });

  it("keeps its message short", async () => {
    const long = "x".repeat(7000);
    const unknown = Array.from({ length: 800 }, (_, i) => `x${i}=1`).join("&");
    const bad = [
      `${OLD}&${long}=1&${long}=1`,
      `v=1&${long}`,
      `${OLD}&device=${long}`,
      `${OLD}&question=${long}`,
      withField("model", long),
      withField("model", `url:${long}`),
      `v=${long}`,
      `v=1&${unknown}`,
      "v=1",
    ];
    for (const link of bad) {
      const text = (await problems(link)).map(({ field, message }) => `${field}: ${message}`);
      expect(text.join(" ").length, link.slice(0, 80)).toBeLessThan(400);
    }
  });
});

describe("the address's link", () => {
  const go = (hash: string) => {
    location.hash = hash;
    return openLink(LAB);
  };
  const now = () => [session.texts.value, session.model.value, session.device.value, session.question.value];
  const opening = [session.defaults.value, "ioi-mini", "auto", "place"];

  beforeAll(() => {
    location.hash = "";
  });
  beforeEach(async () => {
    await go("");
  });

  it("says which questions there are where it names none of them", async () => {
    expect(await go("question=nope")).toMatchObject({
      name: "BadLink",
      message: expect.stringMatching(/question: expected one of place.*, found "nope"/),
    });
  });

  it("brings its settings, and what they gave", async () => {
    const sha256 = "5c".repeat(32);
    expect(await go(`${OLD}&device=cpu&app=0.1.0&sha256=${sha256}&means=clean%3A1`)).toBeNull();
    expect(now()).toEqual([DEFAULTS.texts, DEFAULTS.model, "cpu", "place"]);
    expect(promised.value).toMatchObject({
      model: DEFAULTS.model,
      headline: { app: "0.1.0", sha256, means: "clean:1" },
    });
    expect(await go("")).toBeNull();
    expect(now()).toEqual(opening);
    expect(promised.value).toBeNull();
  });

  it("that names a question alone leaves everything as it is", async () => {
    await go(withField("n", "12"));
    expect(await go("question=why")).toBe("same");
    for (const place of ["answer", "answer-heads"]) expect(await go(place)).toBe("place");
    expect(now()).toEqual([{ ...DEFAULTS.texts, n: "12" }, DEFAULTS.model, "auto", "why"]);
  });

  it("with a mistake applies nothing, and says all of it", async () => {
    const refused = await go(withField("n", "0").replace("seed=42", "seed=x"));
    expect(refused).toMatchObject({
      name: "BadLink",
      message: expect.stringMatching(/^This link was not applied\. n: expected .*\. seed: expected .*\.$/),
    });
    expect(now()).toEqual(opening);
    expect(await go("question=meaning")).toMatchObject({ name: "BadLink" });
  });

  it("for a folder's model asks for the folder", async () => {
    await go(withField("model", "folder"));
    expect(message.value?.news).toMatch(/pick the folder/);
    await go(OLD);
    expect(message.value).toBeNull();
  });
});
