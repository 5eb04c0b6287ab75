# %% The logit difference that the residual stream gives, layer by layer
STREAMS = {f"{layer}_{part}": (layer, f"resid_{part}") for layer in range(N_LAYERS) for part in ("pre", "mid")}
STREAMS["final_post"] = (N_LAYERS - 1, "resid_post")


def lens(batch):
    """By stream and role. (batch,) each"""
    _, seen = run(run_of(batch), zeroed(batch), list(STREAMS.values()))
    along, bias = answers_minus_wrong(W_U.T, batch), answers_minus_wrong(b_U, batch)
    row, found = torch.arange(len(along)), {}
    for role in ROLES:
        at = batch.role(role)
        last = seen[STREAMS["final_post"]][row, at]
        for label, site in STREAMS.items():
            stream = seen[site][row, at]  # (batch, d_model)
            scale = scale_of(stream if SPEC["scale"] == "live" else last)
            found[f"{label} at {role}"] = (centred(stream) / scale * along).sum(-1) + bias
    return found


sums = {}
for batch in batches():
    for name, values in lens(batch).items():
        sums[name] = sums.get(name, 0) + values.double().sum().item()

page = {}
for of_role in FOUND["roles"]:
    page |= {f"{label} at {of_role['role']}": value for label, value in zip(FOUND["labels"], of_role["values"], strict=True)}
print(f"logit difference by the residual stream, {len(EXAMPLES)} examples")
show([(name, total / len(EXAMPLES), page[name]) for name, total in sums.items()])
