import { expect, it } from "vitest";
import type { ExperimentSpec } from "../pkg/cpu/patchbay.js";
import { decompositionSpec, fits, PANEL_DEFAULTS, panelProblems } from "./panel-fields.ts";

const RUN = { layer: 10, head: 7, dataset: { n: 20 } } as ExperimentSpec;

it("asks for what is chosen, and leaves out what does not fit", () => {
  const chosen = { ...PANEL_DEFAULTS, decompose_query: "project_to_W_U_IO", decompose_span: "io_s_forms" };
  expect(decompositionSpec(chosen, RUN)).toEqual({
    layer: 10,
    head: 7,
    dataset: { n: 20 },
    decompose_by: "keys",
    intervene_on_query: "project_to_W_U_IO",
    intervene_on_key: null,
    subtract_S1: true,
    include_S1_in_unembed_projection: true,
    include_name_forms_in_unembed_projection: true,
  });
  const substituted = { ...chosen, decompose_query: "sub_W_U_IO" };
  // Nothing is projected: there is no span to project on.
  expect(decompositionSpec(substituted, RUN)).toMatchObject({
    intervene_on_query: "sub_W_U_IO",
    include_S1_in_unembed_projection: false,
    include_name_forms_in_unembed_projection: false,
  });
  for (const by of ["queries", "both"])
    expect(decompositionSpec({ ...substituted, decompose_by: by }, RUN).intervene_on_query).toBeNull();
});

it("knows which side may be substituted", () => {
  expect(fits("decompose_key", "sub_MLP0", "keys")).toBe(false);
  expect(fits("decompose_key", "project_to_MLP0", "keys")).toBe(true);
  expect(fits("decompose_key", "sub_MLP0", "queries")).toBe(true);
});

it("refuses what no control has, and takes no marks for none", () => {
  expect(panelProblems(PANEL_DEFAULTS)).toEqual([]);
  expect(panelProblems({ ...PANEL_DEFAULTS, decompose_marks: "" })).toEqual([]);
  expect(panelProblems({ ...PANEL_DEFAULTS, decompose_zoom: "9", replace_side: "values" })).toMatchObject([
    { field: "decompose_zoom" },
    { field: "replace_side" },
  ]);
  expect(panelProblems({ ...PANEL_DEFAULTS, decompose_key: "sub_MLP0" })).toEqual([
    { field: "decompose_key", message: '"sub_MLP0" does not go with decompose_by=keys' },
  ]);
});
