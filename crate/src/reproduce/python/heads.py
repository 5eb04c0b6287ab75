# %% What each head looks at
PATTERNS = [f"blocks.{layer}.attn.hook_pattern" for layer in range(N_LAYERS)]
HEADS = [(layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS)]
rows = []


def add(name, here, page):
    """A row for each head, of figures by layer and head; there may be heads without one."""
    for layer, head in HEADS:
        if page[layer][head] is not None:
            rows.append((f"{name} of {layer}.{head}", float(here[layer][head]), page[layer][head]))


if FOUND["induction"] is not None:
    cache = cached(torch.tensor(SEQUENCES), PATTERNS)
    pattern = torch.stack([cache[name].mean(0) for name in PATTERNS])  # (layer, head, query, key)
    half = LENGTH  # the second half, in which each token occurs again
    back = lambda steps: pattern.diagonal(-steps, -2, -1)  # by layer, head and query
    add("previous token", back(1).mean(-1), FOUND["previous_token"])
    add("duplicate token", back(half)[..., -half:].mean(-1), FOUND["duplicate_token"])
    add("induction", back(half - 1)[..., -half:].mean(-1), FOUND["induction"])
    for name, page in FOUND["attention"].items():
        query, key = name.split("->")
        total, count = torch.zeros(N_LAYERS, N_HEADS, dtype=torch.double), 0
        for batch in batches():
            cache = cached(batch.clean, PATTERNS)
            at, to = batch.role(query), batch.role(key)
            row = torch.arange(len(at))[to <= at]
            of = torch.stack([cache[name][row, :, at[row], to[row]].double().sum(0) for name in PATTERNS])
            total, count = total + of, count + len(row)
        add(name, total / max(count, 1), page)

# %% Whether it copies: tokens among the 5 largest logits of what it writes when it looks at them
if FOUND["copying"] is not None:
    # W_EE: what layer 0 leaves of the token embedding by itself.
    seen = {}
    alone = [
        ("hook_pos_embed", lambda value, hook: torch.zeros_like(value)),
        ("blocks.0.hook_attn_out", lambda value, hook: value - model.b_O[0]),
        ("blocks.0.hook_resid_post", lambda value, hook: seen.update(x=value[:, 0].clone())),
    ]
    model.run_with_hooks(torch.tensor(COPIED)[:, None], fwd_hooks=alone)
    normalize = lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:], eps=model.cfg.eps)
    copying, negative = torch.zeros(2, N_LAYERS, N_HEADS)
    for layer, head in HEADS:
        logits = normalize(normalize(seen["x"]) @ model.W_V[layer, head] @ model.W_O[layer, head]) @ model.W_U
        own = logits.gather(1, torch.tensor(COPIED)[:, None])
        copying[layer, head] = ((logits >= own).sum(-1) <= 5).double().mean()
        negative[layer, head] = ((logits <= own).sum(-1) <= 5).double().mean()
    add("copying", copying, FOUND["copying"])
    add("copying, sign turned", negative, FOUND["copying_negative"])

# %% What it adds to the logit difference, and what its absence costs
METRIC, W_O = "logit_diff", model.W_O
direct, ablated = torch.zeros(2, N_LAYERS, N_HEADS, dtype=torch.double)
Z = [f"blocks.{layer}.attn.hook_z" for layer in range(N_LAYERS)]
MEANS = group_means(lambda tokens: cached(tokens, Z))
for batch in batches():
    cache = cached(batch.clean, [*Z, "ln_final.hook_scale"])
    along = mean_over_tokens(model.W_U.T, batch.answers) - mean_over_tokens(model.W_U.T, batch.wrong)
    along = along / cache["ln_final.hook_scale"][:, -1]
    before = measure(batch, batch.clean)
    for layer, head in HEADS:
        wrote = cache[Z[layer]][:, -1, head] @ W_O[layer, head]
        direct[layer, head] += (wrote * along).sum()
        if FOUND["ablated"] is not None:
            mean = MEANS[Z[layer], batch.group]
            edit = (Z[layer], lambda z, hook: put(z, mean, batch.at(None), head))
            ablated[layer, head] += (measure(batch, batch.clean, [edit]) - before).double().sum()
if FOUND["direct"] is not None:
    add("direct", direct / len(EXAMPLES), FOUND["direct"])
if FOUND["ablated"] is not None:
    add("ablated", ablated / len(EXAMPLES), FOUND["ablated"])
print(f"{len(HEADS)} heads, {len(EXAMPLES)} examples")
show(rows)
