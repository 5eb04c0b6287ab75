# %% A head's score as a linear function of what its queries or its keys read
LAYER, HEAD = SPEC["layer"], SPEC["head"]
SIDE, HELD = ("q", "k") if SPEC["func"] == "queries" else ("k", "q")


def read_by(side, role, batch):
    """What a side makes of what it reads at a role. (batch, d_head)"""
    x = read_at(batch, role, LAYER, "resid_pre")
    normal = centred(x) / scale_of(x)
    if SPEC["only_effective_embeddings"]:
        normal = standardize(vector(SPEC["only_effective_embeddings"], batch, role))
    return normal @ W[side][LAYER, HEAD] + b[side][LAYER, HEAD]


rows, sums = [], 0
for batch in batches():
    held = read_by(HELD, "END" if HELD == "q" else "IO", batch)
    if HELD == "k" and SPEC["subtract_S1"]:
        held = held - read_by(HELD, "S1", batch)
    held = held / attn_scale(LAYER)
    maps, biases = held @ W[SIDE][LAYER, HEAD].T, held @ b[SIDE][LAYER, HEAD]
    if HELD == "q" and SPEC["subtract_S1"]:
        biases = torch.zeros_like(biases)  # the same at IO and at S1
    sums = sums + maps.double().sum(0)
    for i, of, bias in zip(batch.numbers, maps, biases, strict=True):
        rows.append((f"length of map {i}", of.norm().item(), FOUND["linear_map_norm"][i]))
        rows.append((f"bias of map {i}", bias.item(), FOUND["bias"][i]))
mean = (sums / len(EXAMPLES)).tolist()
rows += [(f"mean map, entry {i}", here, page) for i, (here, page) in enumerate(zip(mean, FOUND["mean_map"], strict=True))]
print(f"the score of head {LAYER}.{HEAD} as functions of {SPEC['func']}, {len(EXAMPLES)} prompts")
show(rows)
