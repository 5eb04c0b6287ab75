@group(0) @binding(3) var<storage, read> residual: array<vec4f>; // [rows, OUT]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [rows, OUT]
@group(0) @binding(5) var<uniform> size: vec4u; // rows

fn finish(value: vec4f, at: u32) -> vec4f {
    return residual[at] + value;
}
