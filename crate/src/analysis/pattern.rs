//! Attention patterns, which the engine never makes by themselves: made on the host of the queries and keys that were read.

/// Every head's attention of one query to the keys that it sees, head by head.
pub fn pattern(query: &[f32], keys: &[&[f32]], n_head: usize, score_scale: f64) -> Vec<f64> {
    let d_head = query.len() / n_head;
    let mut pattern = Vec::with_capacity(n_head * keys.len());
    for head in 0..n_head {
        let of_head = head * d_head..(head + 1) * d_head;
        let score = |key: &&[f32]| {
            let products = query[of_head.clone()].iter().zip(&key[of_head.clone()]);
            products.map(|(&q, &k)| f64::from(q) * f64::from(k)).sum::<f64>() * score_scale
        };
        let scores: Vec<f64> = keys.iter().map(score).collect();
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponentials: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        pattern.extend(exponentials.iter().map(|x| x / sum));
    }
    pattern
}
