# %% What each component of what a head reads contributes to its score
LAYER, HEAD = SPEC["layer"], SPEC["head"]
ROLES_OF = {"q": [(1, "END")], "k": [(1, "IO"), (-1, "S1")] if SPEC["subtract_S1"] else [(1, "IO")]}
TAKEN_APART = {"queries": "q", "keys": "k", "both": "qk"}[SPEC["decompose_by"]]


def parts_at(side, role, batch, seen):
    """What a side reads at a role, by part: of each component, or where it is held fixed of all. (batch, ..., d_head)"""
    weight, bias = W[side][LAYER, HEAD], b[side][LAYER, HEAD]
    at, by = batch.role(role), BY[side]
    resid_pre = seen[LAYER, "resid_pre"][torch.arange(len(at)), at][:, None]
    if side in TAKEN_APART:
        reads = torch.stack(list(written(seen, batch.clean, at, LAYER).values()), 1) / scale_of(resid_pre)
        bias = bias.expand(len(at), 1, -1)
    else:
        reads = centred(resid_pre) / scale_of(resid_pre)
    with_bias = lambda x: torch.cat([bias, x @ weight], 1) if side in TAKEN_APART else x @ weight + bias
    if by is None:
        return {"unchanged": with_bias(reads)}
    if not by.startswith("projected on "):
        return {"unchanged": with_bias(standardize(vector(by, batch, role))[:, None])}
    by = by.removeprefix("projected on ")
    directions = [vector(by, batch, role)] if by == "MLP_0" else span(by, batch)
    # What is held fixed is divided by its standard deviation; LayerNorm divides by a little more, which is the rest.
    whole = reads if side in TAKEN_APART else standardize(resid_pre)
    along = project(whole, [direction[:, None] for direction in directions])
    name = {"q": "IO", "k": "MLP0"}[side]
    inside = torch.cat([0 * bias, along @ weight], 1) if side in TAKEN_APART else along @ weight
    parts = {f"{name}_dir": inside, f"{name}_perp": with_bias(whole - along)}
    return parts if side in TAKEN_APART else parts | {"rest": (reads - whole) @ weight}


def parts_of(side, batch, seen):
    """The same over its roles, each with its sign."""
    sums = {}
    for sign, role in ROLES_OF[side]:
        for name, part in parts_at(side, role, batch, seen).items():
            sums[name] = sums.get(name, 0) + sign * part
    return sums


def label_of(query, key):
    if "rest" in (query, key):
        return "rest"
    if query == "unchanged":
        return key if key == "unchanged" else f"{key}|{query}"
    return f"{query}|{key}"


sums, measured = {}, 0
for batch in batches():
    _, seen = run(batch.clean, reads=[*sites_written(LAYER), (LAYER, "resid_pre")])
    sides = [parts_of(side, batch, seen) for side in "qk"]
    for query, queries in sides[0].items():
        for key, keys in sides[1].items():
            label, products = label_of(query, key), torch.einsum("bqd,bkd->qk", queries, keys).flatten().double()
            sums[label] = sums.get(label, 0) + products / attn_scale(LAYER)
    scores = scores_at_end(batch.clean, LAYER, [input_edit(batch, LAYER, HEAD, *edit) for edit in EDITS])
    io = scores[torch.arange(len(scores)), :, batch.role("IO")]
    measured += (io_minus_s1(scores, batch) if SPEC["subtract_S1"] else io)[:, HEAD].double().sum().item()

components = FOUND["components"]
pairs = [f"{query} with {key}" for query in components for key in components]
rows = [("the score itself", measured / len(EXAMPLES), FOUND["accounting"]["measured"])]
rest = sums.pop("rest", torch.zeros(1)).sum().item() / len(EXAMPLES)
rows.append(("the rest of what is held fixed", rest, FOUND["accounting"]["normalization"]))
for part in FOUND["parts"]:
    here = (sums[part["label"]] / len(EXAMPLES)).tolist()
    names = components if len(here) == len(components) else pairs
    rows += [(f"{part['label']}: {name}", *values) for name, *values in zip(names, here, part["values"])]
print(f"contributions to the score of head {LAYER}.{HEAD}, {len(EXAMPLES)} prompts")
show(rows)
