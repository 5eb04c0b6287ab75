# %% What each head looks at
PATTERNS = [(layer, "pattern") for layer in range(N_LAYERS)]
HEADS = [(layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS)]
rows = []


def add(name, here, page):
    """A row for each head, of figures by layer and head; there may be heads without one."""
    for layer, head in HEADS:
        if page[layer][head] is not None:
            rows.append((f"{name} of {layer}.{head}", float(here[layer][head]), page[layer][head]))


if FOUND["induction"] is not None:
    _, seen = run(torch.tensor(SEQUENCES), reads=PATTERNS)
    pattern = torch.stack([seen[at].mean(0).transpose(0, 1) for at in PATTERNS])  # (layer, head, query, key)
    half = LENGTH  # the second half, in which each token occurs again
    back = lambda steps: pattern.diagonal(-steps, -2, -1)  # by layer, head and query
    add("previous token", back(1).mean(-1), FOUND["previous_token"])
    add("duplicate token", back(half)[..., -half:].mean(-1), FOUND["duplicate_token"])
    add("induction", back(half - 1)[..., -half:].mean(-1), FOUND["induction"])
    for name, page in FOUND["attention"].items():
        query, key = name.split("->")
        total, count = torch.zeros(N_LAYERS, N_HEADS, dtype=torch.double), 0
        for batch in batches():
            _, seen = run(batch.clean, reads=PATTERNS)
            at, to = batch.role(query), batch.role(key)
            row = torch.arange(len(at))[to <= at]
            of = torch.stack([seen[name][row, at[row], :, to[row]].double().sum(0) for name in PATTERNS])
            total, count = total + of, count + len(row)
        add(name, total / max(count, 1), page)


# %% Whether it copies: tokens among the 5 largest logits of what it writes when it looks at them
if FOUND["copying"] is not None:
    normalize = lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:], eps=EPS)
    alone = normalize(effective_embeddings(COPIED)["W_E (including MLPs)"])
    copying, negative = torch.zeros(2, N_LAYERS, N_HEADS)
    for layer, head in HEADS:
        logits = normalize(alone @ W["v"][layer, head] @ W_O[layer, head]) @ W_U
        own = logits.gather(1, torch.tensor(COPIED)[:, None])
        copying[layer, head] = ((logits >= own).sum(-1) <= 5).double().mean()
        negative[layer, head] = ((logits <= own).sum(-1) <= 5).double().mean()
    add("copying", copying, FOUND["copying"])
    add("copying, sign turned", negative, FOUND["copying_negative"])


# %% What it adds to the logit difference, and what its absence costs
METRIC, LAST = "logit_diff", (N_LAYERS - 1, "resid_post")
Z = [(layer, "z") for layer in range(N_LAYERS)]
direct, ablated = torch.zeros(2, N_LAYERS, N_HEADS, dtype=torch.double)
MEANS = group_means(Z)
for batch in batches():
    logits, seen = run(batch.clean, reads=[*Z, LAST])
    along = answers_minus_wrong(W_U.T, batch) / scale_of(seen[LAST][:, -1])
    before, everywhere = metric_of(logits, batch, None), batch.at(None)
    for layer, head in HEADS:
        wrote = seen[layer, "z"][:, -1, head] @ W_O[layer, head]
        direct[layer, head] += (wrote * along).sum()
        if FOUND["ablated"] is not None:
            mean = MEANS[(layer, "z"), batch.group]
            edit = (layer, "z", lambda z: put(z, mean, everywhere, head))
            ablated[layer, head] += (metric_of(run(batch.clean, [edit])[0], batch, None) - before).double().sum()
if FOUND["direct"] is not None:
    add("direct", direct / len(EXAMPLES), FOUND["direct"])
if FOUND["ablated"] is not None:
    add("ablated", ablated / len(EXAMPLES), FOUND["ablated"])
print(f"{len(HEADS)} heads, {len(EXAMPLES)} examples")
show(rows)
