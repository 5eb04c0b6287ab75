// finish(a · b) for many small matrices: what hooks look at inside attention. One invocation computes one number, and finds
// the matrices' by their strides, so that this is one pipeline for all shapes, transposed or not.
//
// `finish` is in product_*.wgsl.
@group(0) @binding(0) var<storage, read> a: array<f32>; // [outer, inner, rows, k]
@group(0) @binding(1) var<storage, read> b: array<f32>; // [outer, inner, k, columns]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [outer, inner, rows, columns]
@group(0) @binding(3) var<uniform> size: array<vec4u, 4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let place = id.y * groups.x * 64u + id.x;
    let shape = size[0]; // outer, inner, rows, columns
    let stride_a = size[1];
    let stride_b = size[2];
    if (place >= shape.x * shape.y * shape.z * shape.w) {
        return;
    }
    let column = place % shape.w;
    let row = place / shape.w % shape.z;
    let inner = place / shape.w / shape.z % shape.y;
    let outer = place / shape.w / shape.z / shape.y;
    let at_a = outer * stride_a.x + inner * stride_a.y + row * stride_a.z;
    let at_b = outer * stride_b.x + inner * stride_b.y + column * stride_b.w;
    var sum = 0.0;
    for (var i = 0u; i < size[3].x; i++) {
        sum += a[at_a + i * stride_a.w] * b[at_b + i * stride_b.z];
    }
    y[place] = finish(sum, row, column);
}

