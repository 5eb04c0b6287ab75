// LayerNorm without parameters: (x - mean) / sqrt(variance + EPS). Four rows a workgroup, sixteen invocations a row: few
// enough that each may add up all sixteen sums itself, which needs one barrier.
const LANES = 16u;
const WIDE = WIDTH / 4u;
const X_ROW = X_STRIDE / 4u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [rows, WIDTH]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>; // [rows, WIDTH]
@group(0) @binding(2) var<uniform> size: vec4u; // rows, EPS

var<workgroup> sums: array<array<f32, LANES>, 4>;
var<workgroup> squares: array<array<f32, LANES>, 4>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    // Barriers need every invocation: those behind the last row compute it once more.
    let at = min(id.y, size.x - 1u) * X_ROW;
    var sum = vec4f();
    for (var i = local.x; i < WIDE; i += LANES) {
        sum += x[at + i];
    }
    sums[local.y][local.x] = sum.x + sum.y + sum.z + sum.w;
    workgroupBarrier();
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) {
        total += sums[local.y][i];
    }
    let mean = total / f32(WIDTH);

    var square = vec4f();
    for (var i = local.x; i < WIDE; i += LANES) {
        let centred = x[at + i] - mean;
        square += centred * centred;
    }
    squares[local.y][local.x] = square.x + square.y + square.z + square.w;
    workgroupBarrier();
    total = 0.0;
    for (var i = 0u; i < LANES; i++) {
        total += squares[local.y][i];
    }
    let scale = sqrt(total / f32(WIDTH) + bitcast<f32>(size.y));

    if (id.y < size.x) {
        for (var i = local.x; i < WIDE; i += LANES) {
            y[id.y * WIDE + i] = (x[at + i] - mean) / scale;
        }
    }
}
