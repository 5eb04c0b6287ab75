// finish(x · weight + bias), of a matrix of any number of rows: what both ways to compute it begin with. They are in
// linear_*.wgsl; `finish`, y and size are in finish_*.wgsl.
const WIDE_IN = IN / 4u;
const WIDE_OUT = OUT / 4u;
const X_ROW = X_STRIDE / 4u;
const WEIGHT_ROW = WEIGHT_STRIDE / 4u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [rows, IN]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [IN, OUT]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>; // [OUT]

fn store(row: u32, column: u32, value: vec4f) {
    if (row < size.x) {
        let at = row * WIDE_OUT + column;
        y[at] = finish(value, at);
    }
}

