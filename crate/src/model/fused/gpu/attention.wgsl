// Attention of one query at one head by one invocation: scores, softmax and the mean of the values in one way over the
// keys. The sum of exponentials is kept relative to the largest score so far, so that none overflows.
const WIDE_HEAD = D_HEAD / 4u;
const Q_ROW = Q_STRIDE / 4u;
const K_ROW = K_STRIDE / 4u;
const V_ROW = V_STRIDE / 4u;

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [queries, HEADS · D_HEAD]
@group(0) @binding(1) var<storage, read> k: array<vec4f>; // [nodes, HEADS · D_HEAD]
@group(0) @binding(2) var<storage, read> v: array<vec4f>; // [nodes, HEADS · D_HEAD]
@group(0) @binding(3) var<storage, read> seen: array<i32>; // of each query how many nodes it sees, then which
@group(0) @binding(4) var<storage, read_write> z: array<vec4f>; // [queries, HEADS · D_HEAD]
@group(0) @binding(5) var<uniform> size: vec4u; // queries, numbers a query in `seen`, the bits of the scores' scale

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let query = id.x / HEADS;
    let head = id.x % HEADS * WIDE_HEAD;
    if (query >= size.x) {
        return;
    }
    var scaled: array<vec4f, WIDE_HEAD>;
    var mean: array<vec4f, WIDE_HEAD>;
    for (var i = 0u; i < WIDE_HEAD; i++) {
        scaled[i] = q[query * Q_ROW + head + i] * bitcast<f32>(size.z);
    }
    var largest = -1e30;
    var sum = 0.0;
    let first = query * size.y;
    let count = u32(seen[first]);
    for (var place = 1u; place <= count; place++) {
        let node = u32(seen[first + place]);
        var score = 0.0;
        for (var i = 0u; i < WIDE_HEAD; i++) {
            score += dot(scaled[i], k[node * K_ROW + head + i]);
        }
        let before = largest;
        largest = max(largest, score);
        let shrink = exp(before - largest);
        let weight = exp(score - largest);
        sum = sum * shrink + weight;
        for (var i = 0u; i < WIDE_HEAD; i++) {
            mean[i] = mean[i] * shrink + weight * v[node * V_ROW + head + i];
        }
    }
    for (var i = 0u; i < WIDE_HEAD; i++) {
        z[query * HEADS * WIDE_HEAD + head + i] = mean[i] / sum;
    }
}
