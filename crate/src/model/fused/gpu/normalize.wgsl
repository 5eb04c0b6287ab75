// LayerNorm without parameters: (x - mean) / sqrt(variance + EPS), the variance being that of the rows s, which may be x's
// own. Four rows a workgroup, sixteen invocations a row: few enough that each may add up all sixteen sums itself, which
// needs one barrier.
const LANES = 16u;
const WIDE = WIDTH / 4u;
const X_ROW = X_STRIDE / 4u;
const S_ROW = S_STRIDE / 4u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [rows, WIDTH]
@group(0) @binding(1) var<storage, read> s: array<vec4f>; // [rows, WIDTH]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [rows, WIDTH]
@group(0) @binding(3) var<uniform> size: vec4u; // rows, EPS

var<workgroup> sums: array<array<vec2f, LANES>, 4>;
var<workgroup> squares: array<array<f32, LANES>, 4>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    // Barriers need every invocation: those after the last row compute it once more.
    let row = min(id.y, size.x - 1u);
    let of_x = row * X_ROW;
    let of_s = row * S_ROW;
    var sum_x = vec4f();
    var sum_s = vec4f();
    for (var i = local.x; i < WIDE; i += LANES) {
        sum_x += x[of_x + i];
        sum_s += s[of_s + i];
    }
    sums[local.y][local.x] = vec2f(sum_x.x + sum_x.y + sum_x.z + sum_x.w, sum_s.x + sum_s.y + sum_s.z + sum_s.w);
    workgroupBarrier();
    var totals = vec2f();
    for (var i = 0u; i < LANES; i++) {
        totals += sums[local.y][i];
    }
    let means = totals / f32(WIDTH);

    var square = vec4f();
    for (var i = local.x; i < WIDE; i += LANES) {
        let centred = s[of_s + i] - means.y;
        square += centred * centred;
    }
    squares[local.y][local.x] = square.x + square.y + square.z + square.w;
    workgroupBarrier();
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) {
        total += squares[local.y][i];
    }
    let scale = sqrt(total / f32(WIDTH) + bitcast<f32>(size.y));

    if (id.y < size.x) {
        for (var i = local.x; i < WIDE; i += LANES) {
            y[id.y * WIDE + i] = (x[of_x + i] - means.x) / scale;
        }
    }
}
