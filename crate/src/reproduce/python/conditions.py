# %% Each condition's scores
LAYER, HEAD = SPEC["layer"], SPEC["head"]
found, right = {}, 0
for batch in batches():
    row, clean = torch.arange(len(batch.numbers)), scores_at_end(batch.clean, LAYER)[:, HEAD]
    for name, *condition in [["clean"], *CONDITIONS]:
        edits = [input_edit(batch, LAYER, HEAD, *condition)] if condition else []
        scores = scores_at_end(batch.clean, LAYER, edits)
        found.setdefault(name, []).extend(io_minus_s1(scores, batch)[:, HEAD].tolist())
        if FOUND["attention"]:
            own = clean.clone()  # but for IO's
            own[row, batch.role("IO")] = scores[row, HEAD, batch.role("IO")]
            attention = own.softmax(-1)[row, batch.role("IO")]
            found.setdefault(f"{name}: attention to IO", []).extend(attention.tolist())
    if FOUND["accuracy"] is not None:
        logits = run(batch.clean)[0]
        right += sum((row[io[0]] > row[s[0]]).item() for row, io, s in zip(logits, batch.answers, batch.wrong))

page = FOUND["conditions"] | {f"{name}: attention to IO": value for name, value in FOUND["attention"].items()}
rows = [(name, sum(values) / len(values), page[name]) for name, values in found.items()]
if FOUND["accuracy"] is not None:
    rows.append(("IOI accuracy", right / len(EXAMPLES), FOUND["accuracy"]))
print(f"{SPEC['experiment']} at head {LAYER}.{HEAD}, {len(EXAMPLES)} prompts")
print("mean attention score END->IO minus END->S1")
show(rows)
