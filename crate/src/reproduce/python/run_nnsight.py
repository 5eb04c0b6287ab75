# %% The edits


def edit_of(batch, which, places, by, frozen):
    """What makes the edit of a condition within a trace: `which` input, at `places`, replaced."""
    if by == "flipped":
        with model.trace(batch.corrupted, remote=REMOTE):
            flipped = read(LAYER, "resid_pre").save()
        change = lambda x: flipped[:, :, None].expand_as(x)
    else:
        change = lambda x: project(x, [direction[:, :, None] for direction in span(by, batch)])
    mask = batch.at(places)
    return lambda: write(LAYER, f"{which}_input", lambda x: put(x, change(x), mask, HEAD), frozen)


def logits_at_end(tokens):
    with model.trace(tokens, remote=REMOTE):
        logits = model.lm_head.output[:, -1].save()
    return logits
