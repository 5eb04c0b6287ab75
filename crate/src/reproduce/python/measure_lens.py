# %% Edited runs


def unembedding():
    return model.W_U  # (d_model, vocab)


def measure(batch, tokens, hooks=(), unedited=None):
    """The metric of each run, with hooks that edit it. `unedited`: the tokens that KL is told from. (batch,)"""
    if METRIC.startswith("attn_score_diff"):
        layer, head = map(int, METRIC[len("attn_score_diff[") : -1].split("."))
        seen = {}
        keep = (f"blocks.{layer}.attn.hook_attn_scores", lambda value, hook: seen.update(scores=value.clone()))
        model.run_with_hooks(tokens, fwd_hooks=[*hooks, keep])
        return score_diff_of(seen["scores"][:, head], batch)
    before = model(tokens if unedited is None else unedited)[:, -1] if METRIC == "kl" else None
    return metric_of(model.run_with_hooks(tokens, fwd_hooks=list(hooks))[:, -1], batch, before)


def cached(tokens, names):
    """Activations of an unedited run, by TransformerLens's names."""
    _, cache = model.run_with_cache(tokens, names_filter=lambda name: name in names)
    return cache


def zeroed(batch):
    """Hooks that set the z of ZERO's heads to zero at their positions."""
    return [
        (f"blocks.{layer}.attn.hook_z", lambda z, hook, m=batch.at(places), h=head: put(z, torch.zeros_like(z), m, h))
        for layer, head, places in ZERO
    ]
