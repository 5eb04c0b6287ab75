# %% Each condition's scores at every head. An edit of all heads of a layer is one of each, since none reads another.
sums = {}
for batch in batches():
    for layer in range(N_LAYERS):
        for name, *condition in [["clean"], *CONDITIONS]:
            edits = [input_edit(batch, layer, None, *condition)] if condition else []
            diffs = io_minus_s1(scores_at_end(batch.clean, layer, edits), batch).double().sum(0)
            sums[name, layer] = sums.get((name, layer), 0) + diffs

rows = []
for row in FOUND["rows"]:
    layer, head, name = row["layer"], row["head"], row["condition"]
    here = sums[name, layer][head].item() / len(EXAMPLES)
    rows.append((f"{name} at {layer}.{head}", here, row["mean_diff"]))
print(f"{SPEC['experiment']} at every head, {len(EXAMPLES)} prompts")
print("mean attention score END->IO minus END->S1")
show(rows)
