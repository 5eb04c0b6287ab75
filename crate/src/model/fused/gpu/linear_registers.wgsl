// Each invocation computes four columns of eight rows in registers: neighbours read neighbouring weights and the same x,
// which caches serve well. Workgroup memory would need barriers, and those cost a software adapter more than all the rest.
// Sums are in the order of Burn's product. Rows are written out one by one, since an array that a loop indexes may live in
// memory instead of registers.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let column = id.x;
    let row = id.y * 8u;
    if (column >= WIDE_OUT || row >= size.x) {
        return;
    }
    // Rows after the last are the last again; nothing is stored for them.
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
        let x0 = x[a0 + i];
        s0 += x0.x * w0;
        s0 += x0.y * w1;
        s0 += x0.z * w2;
        s0 += x0.w * w3;
        let x1 = x[a1 + i];
        s1 += x1.x * w0;
        s1 += x1.y * w1;
        s1 += x1.z * w2;
        s1 += x1.w * w3;
        let x2 = x[a2 + i];
        s2 += x2.x * w0;
        s2 += x2.y * w1;
        s2 += x2.z * w2;
        s2 += x2.w * w3;
        let x3 = x[a3 + i];
        s3 += x3.x * w0;
        s3 += x3.y * w1;
        s3 += x3.z * w2;
        s3 += x3.w * w3;
        let x4 = x[a4 + i];
        s4 += x4.x * w0;
        s4 += x4.y * w1;
        s4 += x4.z * w2;
        s4 += x4.w * w3;
        let x5 = x[a5 + i];
        s5 += x5.x * w0;
        s5 += x5.y * w1;
        s5 += x5.z * w2;
        s5 += x5.w * w3;
        let x6 = x[a6 + i];
        s6 += x6.x * w0;
        s6 += x6.y * w1;
        s6 += x6.z * w2;
        s6 += x6.w * w3;
        let x7 = x[a7 + i];
        s7 += x7.x * w0;
        s7 += x7.y * w1;
        s7 += x7.z * w2;
        s7 += x7.w * w3;
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

