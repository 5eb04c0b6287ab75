# %% The logit difference that the residual stream gives, layer by layer
PARTS = [(layer, part) for layer in range(N_LAYERS) for part in ("pre", "mid")]
STREAMS = [(f"{layer}_{part}", f"blocks.{layer}.hook_resid_{part}") for layer, part in PARTS]
STREAMS.append(("final_post", f"blocks.{N_LAYERS - 1}.hook_resid_post"))


def lens(batch):
    """By stream and role. (batch,) each"""
    tokens = batch.clean if SPEC["run"] == "clean" else batch.corrupted
    names = [name for _, name in STREAMS] + ["ln_final.hook_scale"]
    seen = {}
    keep = [(name, lambda value, hook, name=name: seen.update({name: value.clone()})) for name in names]
    model.run_with_hooks(tokens, fwd_hooks=[*zeroed(batch), *keep])
    answers_minus_wrong = lambda of_token: (
        mean_over_tokens(of_token, batch.answers) - mean_over_tokens(of_token, batch.wrong)
    )
    along, bias = answers_minus_wrong(model.W_U.T), answers_minus_wrong(model.b_U[:, None])[:, 0]
    row = torch.arange(len(tokens))
    found = {}
    for role in ROLES:
        at = batch.role(role)
        for label, name in STREAMS:
            stream = seen[name][row, at]  # (batch, d_model)
            stream = stream - stream.mean(-1, keepdim=True)
            scale = seen["ln_final.hook_scale"][row, at]
            if SPEC["scale"] == "live":
                scale = (stream.pow(2).mean(-1, keepdim=True) + model.cfg.eps).sqrt()
            found[f"{label} at {role}"] = (stream / scale * along).sum(-1) + bias
    return found


sums = {}
for batch in batches():
    for name, values in lens(batch).items():
        sums[name] = sums.get(name, 0) + values.double().sum().item()

page = {}
for of_role in FOUND["roles"]:
    page |= {f"{label} at {of_role['role']}": value for label, value in zip(FOUND["labels"], of_role["values"])}
print(f"logit difference by the residual stream, {len(EXAMPLES)} examples")
show([(name, total / len(EXAMPLES), page[name]) for name, total in sums.items()])
