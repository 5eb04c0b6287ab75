// finish(x · weight + bias). Each invocation computes four columns of eight rows in registers: neighbours read neighbouring
// weights and the same x, which caches serve well. Workgroup memory would need barriers, and those cost a software
// adapter more than all the rest.
//
// `finish`, y and size are in linear_*.wgsl.
const WIDE_IN = IN / 4u;
const WIDE_OUT = OUT / 4u;
const X_ROW = X_STRIDE / 4u;
const WEIGHT_ROW = WEIGHT_STRIDE / 4u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [rows, IN]
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [IN, OUT]
@group(0) @binding(2) var<storage, read> bias: array<vec4f>; // [OUT]

/// What four numbers of a row of x add to its sums.
fn times(x: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let column = id.x;
    let row = id.y * 8u;
    if (column >= WIDE_OUT || row >= size.x) {
        return;
    }
    // Rows behind the last are the last again; nothing is stored for them.
    let last = size.x - 1u;
    let a0 = row * X_ROW;
    let a1 = min(row + 1u, last) * X_ROW;
    let a2 = min(row + 2u, last) * X_ROW;
    let a3 = min(row + 3u, last) * X_ROW;
    let a4 = min(row + 4u, last) * X_ROW;
    let a5 = min(row + 5u, last) * X_ROW;
    let a6 = min(row + 6u, last) * X_ROW;
    let a7 = min(row + 7u, last) * X_ROW;
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
    var at = column;
    for (var i = 0u; i < WIDE_IN; i++) {
        let w0 = weight[at];
        let w1 = weight[at + WEIGHT_ROW];
        let w2 = weight[at + 2u * WEIGHT_ROW];
        let w3 = weight[at + 3u * WEIGHT_ROW];
        at += 4u * WEIGHT_ROW;
        s0 += times(x[a0 + i], w0, w1, w2, w3);
        s1 += times(x[a1 + i], w0, w1, w2, w3);
        s2 += times(x[a2 + i], w0, w1, w2, w3);
        s3 += times(x[a3 + i], w0, w1, w2, w3);
        s4 += times(x[a4 + i], w0, w1, w2, w3);
        s5 += times(x[a5 + i], w0, w1, w2, w3);
        s6 += times(x[a6 + i], w0, w1, w2, w3);
        s7 += times(x[a7 + i], w0, w1, w2, w3);
    }
    let b = bias[column];
    store(row, column, s0 + b);
    store(row + 1u, column, s1 + b);
    store(row + 2u, column, s2 + b);
    store(row + 3u, column, s3 + b);
    store(row + 4u, column, s4 + b);
    store(row + 5u, column, s5 + b);
    store(row + 6u, column, s6 + b);
    store(row + 7u, column, s7 + b);
}

fn store(row: u32, column: u32, value: vec4f) {
    if (row < size.x) {
        let at = row * WIDE_OUT + column;
        y[at] = finish(value, at);
    }
}

