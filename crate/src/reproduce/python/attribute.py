# %% What each component adds to the logit difference at END


def contributions(batch):
    """Of each component, by name; and the logit difference itself. (batch,) each"""
    tokens = batch.clean if SPEC["run"] == "clean" else batch.corrupted
    names = ["hook_embed", "hook_pos_embed", "ln_final.hook_scale"]
    names += [f"blocks.{layer}.{part}" for layer in range(N_LAYERS) for part in ("attn.hook_z", "hook_mlp_out")]
    seen = {}
    keep = [(name, lambda value, hook, name=name: seen.update({name: value[:, -1].clone()})) for name in names]
    logits = model.run_with_hooks(tokens, fwd_hooks=[*zeroed(batch), *keep])[:, -1]
    answers_minus_wrong = lambda of_token: (
        mean_over_tokens(of_token, batch.answers) - mean_over_tokens(of_token, batch.wrong)
    )
    along = answers_minus_wrong(model.W_U.T) / seen["ln_final.hook_scale"]  # (batch, d_model)
    written = {"W_E": seen["hook_embed"], "W_pos": seen["hook_pos_embed"].expand_as(along)}
    for layer in range(N_LAYERS):
        z = seen[f"blocks.{layer}.attn.hook_z"]  # (batch, head, d_head)
        for head in range(N_HEADS):
            written[f"head {layer}.{head}"] = z[:, head] @ model.W_O[layer, head]
        written[f"b_O {layer}"] = model.b_O[layer].expand_as(along)
        written[f"MLP {layer}"] = seen[f"blocks.{layer}.hook_mlp_out"]
    parts = {name: (vector * along).sum(-1) for name, vector in written.items()}
    parts["b_U"] = answers_minus_wrong(model.b_U[:, None])[:, 0]
    row = zip(logits, batch.answers, batch.wrong)
    return {"logit difference": torch.stack([of[a].mean() - of[w].mean() for of, a, w in row])} | parts


sums = {}
for batch in batches():
    for name, values in contributions(batch).items():
        sums[name] = sums.get(name, 0) + values.double().sum().item()
here = {name: total / len(EXAMPLES) for name, total in sums.items()}

page = {"logit difference": FOUND["logit_diff"], "W_E": FOUND["W_E"], "W_pos": FOUND["W_pos"], "b_U": FOUND["b_U"]}
for layer in range(N_LAYERS):
    page |= {f"head {layer}.{head}": FOUND["heads"][layer][head] for head in range(N_HEADS)}
    page |= {f"b_O {layer}": FOUND["b_O"][layer], f"MLP {layer}": FOUND["mlps"][layer]}
print(f"direct contributions to the logit difference, {len(EXAMPLES)} examples")
show([(name, value, page[name]) for name, value in here.items()])
print(f"the parts add up to {sum(here.values()) - here['logit difference']:.6f}")
