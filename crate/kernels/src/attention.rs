use super::Matrix;
use super::rows::{dot, softmax};

/// The values that each query sees, weighed by the softmax of its scores, q·k times the scale, of all heads.
///
/// `q`: `[queries, head · d_head]`; `k` and `v`: `[nodes, head · d_head]`; `seen`: the nodes that each query sees.
/// `[queries, head · d_head]`
#[inline(never)]
pub fn attention([q, k, v]: [Matrix; 3], n_head: usize, score_scale: f32, seen: &[&[usize]]) -> Vec<f32> {
    let d_head = q.width / n_head;
    let mut z = vec![0.0; q.rows * q.width];
    let mut pattern = Vec::new();
    for ((query, z), seen) in z.chunks_exact_mut(q.width).enumerate().zip(seen) {
        for (head, z) in z.chunks_exact_mut(d_head).enumerate() {
            let of_head = head * d_head..(head + 1) * d_head;
            let q = &q.row(query)[of_head.clone()];
            pattern.clear();
            pattern.extend(seen.iter().map(|&node| dot(q, &k.row(node)[of_head.clone()]) * score_scale));
            softmax(&mut pattern);
            for (&weight, &node) in pattern.iter().zip(*seen) {
                for (z, v) in z.iter_mut().zip(&v.row(node)[of_head.clone()]) {
                    *z += weight * v;
                }
            }
        }
    }
    z
}
