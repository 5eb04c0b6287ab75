# %% The edits
RESID, SCALE = f"blocks.{LAYER}.hook_resid_pre", f"blocks.{LAYER}.ln1.hook_scale"


def edit_of(batch, which, places, by, frozen):
    """The hooks of a condition: `which` input, at `places`, replaced by the flipped prompt's or by a projection."""
    cache = cached(batch.clean, [RESID, SCALE])
    if by == "flipped":
        new = cached(batch.corrupted, [RESID])[RESID]
    else:
        new = project(cache[RESID], span(by, batch))
    mask = batch.at(places)
    if not frozen:
        return [(f"blocks.{LAYER}.hook_{which}_input", lambda x, hook: put(x, new[:, :, None], mask, HEAD))]
    # ln1 divides by the clean run's scale. An edit of its own hook does not reach inputs that are split by head.
    weight, bias = getattr(model, f"W_{which.upper()}"), getattr(model, f"b_{which.upper()}")
    made = (new - new.mean(-1, keepdim=True)) / cache[SCALE] @ weight[LAYER, HEAD] + bias[LAYER, HEAD]
    return [(f"blocks.{LAYER}.attn.hook_{which}", lambda x, hook: put(x, made[:, :, None], mask, HEAD))]


def logits_at_end(tokens):
    return model(tokens)[:, -1]
