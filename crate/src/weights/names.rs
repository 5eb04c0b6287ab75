//! What a tensor's name in a checkpoint says, whatever the model was wrapped in when it was saved.

use std::borrow::Cow;

/// Parts of a name that wrappers add, in front or in between: of PyTorch's compiler and of its ways to spread a model over
/// devices, of heads put on the model, and of libraries.
const WRAPPERS: [&str; 15] = [
    "_orig_mod",
    "_fsdp_wrapped_module",
    "_checkpoint_wrapped_module",
    "_forward_module",
    "module",
    "model",
    "base_model",
    "pretrained_model",
    "language_model",
    "lm",
    "gpt2",
    "gpt",
    "backbone",
    "net",
    "transformer",
];

/// The name without what wrappers add: `h.0.ln_1.bias` of `_orig_mod.transformer.h.0.ln_1.bias`.
pub fn short(name: &str) -> Cow<'_, str> {
    let is_wrapper = |part: &str| WRAPPERS.contains(&part);
    if name.split('.').any(is_wrapper) {
        Cow::Owned(name.split('.').filter(|part| !is_wrapper(part)).collect::<Vec<_>>().join("."))
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether a short name is in a place that GPT-2 reads. There, what is not known is an error, since it could change
/// the figures; anywhere else nothing would read it.
pub fn is_gpt2s(short: &str) -> bool {
    short == "lm_head.weight" || ["h.", "wte.", "wpe.", "ln_f."].iter().any(|part| short.starts_with(part))
}

/// Whether a short name is that of a causal mask, which older checkpoints carry along, of one of the layers.
pub fn is_mask(short: &str, n_layer: usize) -> bool {
    let layer = |name: &str| {
        let (layer, rest) = name.strip_prefix("h.")?.split_once('.')?;
        matches!(rest, "attn.bias" | "attn.masked_bias").then_some(())?;
        // One way to write a number only, so that none is there twice.
        layer.parse::<usize>().ok().filter(|number| number.to_string() == layer)
    };
    layer(short).is_some_and(|layer| layer < n_layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_taken_off_in_any_combination() {
        for wrapped in [
            "h.0.ln_1.bias",
            "transformer.h.0.ln_1.bias",
            "_orig_mod.module.model.pretrained_model.transformer.h.0.ln_1.bias",
            "base_model.model.transformer.h.0.ln_1.bias",
            "transformer.h.0._orig_mod.ln_1.bias",
        ] {
            assert_eq!(short(wrapped), "h.0.ln_1.bias");
        }
        assert_eq!(short("ref_model.transformer.wte.weight"), "ref_model.wte.weight");
        assert_eq!(short("module.lm_head.weight"), "lm_head.weight");
    }

    #[test]
    fn what_gpt_2_reads_is_told_from_what_nothing_reads() {
        for name in ["h.0.anything", "wte.weight", "wpe.scale", "ln_f.bias", "lm_head.weight"] {
            assert!(is_gpt2s(name), "{name}");
        }
        for name in
            ["score.weight", "v_head.summary.bias", "lm_head.bias", "optimizer.h.0.ln_1.bias", "", "h"]
        {
            assert!(!is_gpt2s(name), "{name}");
        }
        assert!(is_mask("h.0.attn.bias", 1) && is_mask("h.11.attn.masked_bias", 12));
        for name in ["h.1.attn.bias", "h.+0.attn.bias", "h.00.attn.bias", "h.0.attn.c_attn.bias", "attn.bias"]
        {
            assert!(!is_mask(name, 1), "{name}");
        }
    }
}
