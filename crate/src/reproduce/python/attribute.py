# %% What each component adds to the logit difference at END
METRIC = "logit_diff"
LAST = (N_LAYERS - 1, "resid_post")


def contributions(batch):
    """Of each component, by name; and the logit difference itself. (batch,) each"""
    tokens = run_of(batch)
    logits, seen = run(tokens, zeroed(batch), [*sites_written(N_LAYERS), LAST])
    along = answers_minus_wrong(W_U.T, batch) / scale_of(seen[LAST][:, -1])  # (batch, d_model)
    parts = written(seen, tokens, batch.role("END"), N_LAYERS)
    parts = {name: (vector * along).sum(-1) for name, vector in parts.items()}
    parts["b_U"] = answers_minus_wrong(b_U, batch)
    return {"logit difference": metric_of(logits, batch, None)} | parts


sums = {}
for batch in batches():
    for name, values in contributions(batch).items():
        sums[name] = sums.get(name, 0) + values.double().sum().item()
here = {name: total / len(EXAMPLES) for name, total in sums.items()}

page = {"logit difference": FOUND["logit_diff"], "W_E": FOUND["W_E"], "W_pos": FOUND["W_pos"], "b_U": FOUND["b_U"]}
for layer in range(N_LAYERS):
    page |= {f"{layer}.{head}": FOUND["heads"][layer][head] for head in range(N_HEADS)}
    page |= {f"b_O_{layer}": FOUND["b_O"][layer], f"MLP_{layer}": FOUND["mlps"][layer]}
print(f"direct contributions to the logit difference, {len(EXAMPLES)} examples")
show([(name, value, page[name]) for name, value in here.items()])
print(f"the parts add up to {sum(here.values()) - here['logit difference']:.6f}")
