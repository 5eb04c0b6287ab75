/// q · k times the scale, and MASKED behind the query.
fn finish(sum: f32, row: u32, column: u32) -> f32 {
    if (column > row) {
        return bitcast<f32>(size[3].y);
    }
    return sum * bitcast<f32>(size[3].z);
}
