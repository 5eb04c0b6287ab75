// For GPUs with memory of their own for a workgroup: 64 rows and 64 columns of the output, by tiles of 16 numbers of depth,
// which are read from the buffers once for all of the workgroup. Each invocation has eight columns of eight rows, 64 sums in
// registers: for each four numbers of depth it reads 16 vectors for 64 multiplications of vectors. Its loops are short and of
// constant lengths, which the compilers of GPUs' drivers unroll, so that what they index stays in registers.
//
// Its columns and rows are not neighbours, so that neighbouring invocations read neighbouring vectors; for the same reason a
// row of x has one vector more in workgroup memory than it needs.
const ROWS = 64u;
const WIDE_COLUMNS = 16u;
const WIDE_DEPTH = 4u;
const X_TILE_ROW = WIDE_DEPTH + 1u;

var<workgroup> x_tile: array<vec4f, ROWS * X_TILE_ROW>; // [64, 16]
var<workgroup> weight_tile: array<vec4f, 4u * WIDE_DEPTH * WIDE_COLUMNS>; // [16, 64]

@compute @workgroup_size(8, 8)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) me: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    let first_row = group.y * ROWS;
    let first_column = group.x * WIDE_COLUMNS;
    var sums: array<array<vec4f, 2>, 8>;
    for (var begin = 0u; begin < WIDE_IN; begin += WIDE_DEPTH) {
        // Each of the 64 invocations brings four vectors of either tile.
        for (var i = index; i < ROWS * WIDE_DEPTH; i += 64u) {
            let row = i / WIDE_DEPTH;
            let at = begin + i % WIDE_DEPTH;
            var numbers = vec4f();
            if (at < WIDE_IN) {
                // Rows after the last are the last again; nothing is stored for them.
                numbers = x[min(first_row + row, size.x - 1u) * X_ROW + at];
            }
            x_tile[row * X_TILE_ROW + i % WIDE_DEPTH] = numbers;
        }
        for (var i = index; i < 4u * WIDE_DEPTH * WIDE_COLUMNS; i += 64u) {
            let row = begin * 4u + i / WIDE_COLUMNS;
            let column = first_column + i % WIDE_COLUMNS;
            var numbers = vec4f();
            if (row < IN && column < WIDE_OUT) {
                numbers = weight[row * WEIGHT_ROW + column];
            }
            weight_tile[i] = numbers;
        }
        workgroupBarrier();
        for (var deep = 0u; deep < WIDE_DEPTH; deep++) {
            var w: array<array<vec4f, 2>, 4>;
            for (var i = 0u; i < 4u; i++) {
                let at = (deep * 4u + i) * WIDE_COLUMNS + me.x;
                w[i] = array(weight_tile[at], weight_tile[at + 8u]);
            }
            for (var row = 0u; row < 8u; row++) {
                let a = x_tile[(me.y + row * 8u) * X_TILE_ROW + deep];
                for (var half = 0u; half < 2u; half++) {
                    sums[row][half] += a.x * w[0][half];
                    sums[row][half] += a.y * w[1][half];
                    sums[row][half] += a.z * w[2][half];
                    sums[row][half] += a.w * w[3][half];
                }
            }
        }
        workgroupBarrier();
    }
    for (var half = 0u; half < 2u; half++) {
        let column = first_column + me.x + half * 8u;
        if (column < WIDE_OUT) {
            for (var row = 0u; row < 8u; row++) {
                store(first_row + me.y + row * 8u, column, sums[row][half] + bias[column]);
            }
        }
    }
}

