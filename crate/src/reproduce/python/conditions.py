# %% Each condition's scores
METRIC = f"attn_score_diff[{LAYER}.{HEAD}]"
found, right = {}, 0
for batch in batches():
    found.setdefault("clean", []).extend(measure(batch, batch.clean).tolist())
    for name, *condition in CONDITIONS:
        found.setdefault(name, []).extend(measure(batch, batch.clean, edit_of(batch, *condition)).tolist())
    if FOUND["accuracy"] is not None:
        logits = logits_at_end(batch.clean)
        right += sum((row[io[0]] > row[s[0]]).item() for row, io, s in zip(logits, batch.answers, batch.wrong))

rows = [(name, sum(values) / len(values), FOUND["conditions"][name]) for name, values in found.items()]
if FOUND["accuracy"] is not None:
    rows.append(("IOI accuracy", right / len(EXAMPLES), FOUND["accuracy"]))
print(f"{SPEC['experiment']} at head {LAYER}.{HEAD}, {len(EXAMPLES)} prompts")
print("mean attention score END->IO minus END->S1")
show(rows)
