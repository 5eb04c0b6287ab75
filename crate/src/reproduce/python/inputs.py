# %% Edits of what a head's queries or keys are computed from


def input_edit(batch, layer, head, which, places, by, frozen):
    """`which` input of a head, or of all, becomes the flipped prompt's, a projection of itself, or a vector."""
    mask = batch.at(places)
    if by == "flipped":
        flipped = run(batch.corrupted, reads=[(layer, "resid_pre")])[1][layer, "resid_pre"][:, :, None]
        new = lambda x: flipped
    elif by.startswith("projected on "):
        directions = [direction[:, None, None] for direction in span(by.removeprefix("projected on "), batch)]
        new = lambda x: project(x, directions)
    else:
        vectors = torch.zeros(*mask.shape, 1, D_MODEL)
        for role in places:
            vectors = put(vectors, standardize(vector(by, batch, role))[:, None, None], batch.at([role]))
        # LayerNorm brings it back, since its scale is frozen.
        new = lambda x: vectors * scale_of(x)
    return layer, f"{which}_input", lambda x: put(x, new(x), mask, head), frozen
