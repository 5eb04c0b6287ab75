use crate::model::Gpt2Config;

/// Those of a row a token: the embedding, and the unembedding, which a tied model's file need not have.
pub const TOKENS: [&str; 2] = ["wte.weight", "lm_head.weight"];

/// The checkpoint's tensors with weights, by name and shape, in the order of GPT-2's files, whose model is tied.
pub fn of_tied(config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let (d, inner) = (config.n_embd, config.n_inner);
    let named = |name: &str, shape: Vec<usize>| (name.to_owned(), shape);
    let mut tensors =
        vec![named(TOKENS[0], vec![config.vocab_size, d]), named("wpe.weight", vec![config.n_ctx, d])];
    for layer in 0..config.n_layer {
        let of_layer = [
            ("ln_1.weight", vec![d]),
            ("ln_1.bias", vec![d]),
            ("attn.c_attn.weight", vec![d, 3 * d]),
            ("attn.c_attn.bias", vec![3 * d]),
            ("attn.c_proj.weight", vec![d, d]),
            ("attn.c_proj.bias", vec![d]),
            ("ln_2.weight", vec![d]),
            ("ln_2.bias", vec![d]),
            ("mlp.c_fc.weight", vec![d, inner]),
            ("mlp.c_fc.bias", vec![inner]),
            ("mlp.c_proj.weight", vec![inner, d]),
            ("mlp.c_proj.bias", vec![d]),
        ];
        tensors.extend(of_layer.map(|(name, shape)| (format!("h.{layer}.{name}"), shape)));
    }
    tensors.extend([named("ln_f.weight", vec![d]), named("ln_f.bias", vec![d])]);
    tensors
}

/// Every tensor that is read.
pub fn tensors(config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let mut tensors = of_tied(config);
    tensors.push((TOKENS[1].to_owned(), vec![config.vocab_size, config.n_embd]));
    tensors
}
