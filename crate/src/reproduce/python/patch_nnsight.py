# %% A cell's edit
EARLY = ["resid_pre", "q_input", "k_input", "v_input", "q", "k", "v"]  # what is there before the scores are
ORDER = [*EARLY, "z", "result", "attn_out", "resid_mid", "mlp_out", "resid_post"]  # as a layer computes them


def activations(tokens):
    """The activations of the grid's sites in an unedited run, by layer and site."""
    with model.trace(tokens, remote=REMOTE):
        seen = {}
        for layer in range(N_LAYERS):
            for site in sorted(SITES, key=ORDER.index):
                seen[layer, site] = read(layer, site)
        seen = nnsight.save(seen)
    return seen


def edit_of(batch, edited, source, site, layer, head, mask):
    """What makes a cell's edit within a trace; None where the metric is read before it."""
    if METRIC.startswith("attn_score_diff"):
        of = int(METRIC[len("attn_score_diff[") :].split(".")[0])
        if layer > of or (layer == of and site not in EARLY):
            return None
    source = source[layer, site] if source else None
    mean = MEANS[(layer, site), batch.group] if MEANS else None
    change = lambda value: put(value, filled(value, batch, source, mean), mask, head)
    return lambda: write(layer, site, change, SPEC["freeze_ln"])
