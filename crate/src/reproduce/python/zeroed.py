# %% Heads that are taken out


def zeroed(batch):
    """Edits that set the z of ZERO's heads to zero at their positions."""
    edit = lambda layer, head, mask: (layer, "z", lambda z: put(z, torch.zeros_like(z), mask, head))
    return [edit(layer, head, batch.at(places)) for layer, head, places in ZERO]


def run_of(batch):
    """The tokens that the question is about."""
    return batch.clean if SPEC["run"] == "clean" else batch.corrupted
