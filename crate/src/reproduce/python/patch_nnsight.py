# %% The grid
METRIC = SPEC["metric"]
EARLY = ["resid_pre", "q_input", "k_input", "v_input", "q", "k", "v"]  # what is there before the scores are
ORDER = [*EARLY, "z", "result", "attn_out", "resid_mid", "mlp_out", "resid_post"]  # as a layer computes them


def cached(tokens):
    """The activations of the grid's sites in an unedited run, by layer and site."""
    with model.trace(tokens, remote=REMOTE):
        seen = {}
        for layer in range(N_LAYERS):
            for site in sorted(SITES, key=ORDER.index):
                seen[layer, site] = read(layer, site)
        seen = nnsight.save(seen)
    return seen


def group_means():
    """The mean of the corrupted runs of each group, by layer, site and group. (pos, ...)"""
    sums, counts = {}, {}
    for batch in batches():
        counts[batch.group] = counts.get(batch.group, 0) + len(batch.numbers)
        for (layer, site), value in cached(batch.corrupted).items():
            key = layer, site, batch.group
            sums[key] = sums.get(key, 0) + value.double().sum(0)
    return {key: (total / counts[key[-1]]).float() for key, total in sums.items()}


def edit_of(batch, source, site, layer, head, mask):
    """What makes a cell's edit within a trace; None where the metric is read before it."""
    if METRIC.startswith("attn_score_diff"):
        of = int(METRIC[len("attn_score_diff[") :].split(".")[0])
        if layer > of or (layer == of and site not in EARLY):
            return None
    source = source[layer, site] if source else None
    mean = MEANS[layer, site, batch.group] if MEANS else None
    change = lambda value: put(value, filled(value, batch, source, mean), mask, head)
    return lambda: write(layer, site, change, SPEC["freeze_ln"])


MEANS = group_means() if FILL == "mean" else None
sums = {}
for batch in batches():
    edited, other = (batch.corrupted, batch.clean) if RUN == "denoise" else (batch.clean, batch.corrupted)
    source = cached(other) if FILL == "patch" else None
    results = {"unedited": measure(batch, edited)}
    if FILL == "patch":
        results["the other run"] = measure(batch, other, unedited=edited)
    for cell, site, layer, head, places in cells():
        mask = batch.at(places)
        if mask.any():  # a position may be after END
            results[cell] = measure(batch, edited, edit_of(batch, source, site, layer, head, mask))
    for name, values in results.items():
        sums.setdefault(name, []).extend(values.tolist())

page = {"unedited": FOUND["base"], "the other run": FOUND["source"]}
page |= dict(zip((cell for cell, *_ in cells()), values_of(FOUND["values"])))
print(f"{METRIC} with {', '.join(SITES)} edited, {len(EXAMPLES)} examples")
show([(name, sum(values) / len(values), page[name]) for name, values in sums.items()])
