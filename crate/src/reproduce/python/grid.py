# %% Every cell
READ = [(layer, site) for layer in range(N_LAYERS) for site in SITES]
MEANS = group_means(READ) if FILL == "mean" else None
sums = {}
for batch in batches():
    edited, other = (batch.corrupted, batch.clean) if RUN == "denoise" else (batch.clean, batch.corrupted)
    source = run(other, reads=READ)[1] if FILL == "patch" else None
    results = {"unedited": measure(batch, edited)}
    if FILL == "patch":
        results["the other run"] = measure(batch, other, unedited=edited)
    for cell, site, layer, head, places in cells():
        mask = batch.at(places)
        if mask.any():  # a position may be after END
            results[cell] = measure(batch, edited, [edit_of(batch, source, site, layer, head, mask)])
    for name, values in results.items():
        sums.setdefault(name, []).extend(values.tolist())

page = {"unedited": FOUND["base"], "the other run": FOUND["source"]}
page |= dict(zip((cell for cell, *_ in cells()), values_of(FOUND["values"]), strict=True))
print(f"{METRIC} with {', '.join(SITES)} edited, {len(EXAMPLES)} examples")
show([(name, sum(values) / len(values), page[name]) for name, values in sums.items()])
