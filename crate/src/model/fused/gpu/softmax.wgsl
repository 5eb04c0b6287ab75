// The softmax of each row, by one invocation: rows are as short as prompts.
@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, width]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [rows, width]
@group(0) @binding(2) var<uniform> size: vec4u; // rows, width

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= size.x) {
        return;
    }
    let first = id.x * size.y;
    let end = first + size.y;
    var largest = x[first];
    for (var i = first; i < end; i++) {
        largest = max(largest, x[i]);
    }
    var sum = 0.0;
    for (var i = first; i < end; i++) {
        sum += exp(x[i] - largest);
    }
    for (var i = first; i < end; i++) {
        y[i] = exp(x[i] - largest) / sum;
    }
}
