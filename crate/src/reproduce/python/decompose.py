# %% What each component of what a head reads contributes to its score
LAYER, HEAD = SPEC["layer"], SPEC["head"]
ROLES_OF = {"q": [(1, "END")], "k": [(1, "IO"), (-1, "S1")] if SPEC["subtract_S1"] else [(1, "IO")]}
TAKEN_APART = {"queries": "q", "keys": "k", "both": "qk"}[SPEC["decompose_by"]]


def parts_at(side, role, batch, seen):
    """What a side makes of what it reads at a role, by part: of the bias and each component, or held fixed of all.

    (batch, component, d_head), with one component where it is held fixed."""
    weight, bias = W[side][LAYER, HEAD], b[side][LAYER, HEAD].expand(len(batch.numbers), 1, -1)
    at, by, apart = batch.role(role), BY[side], side in TAKEN_APART
    resid_pre = seen[LAYER, "resid_pre"][torch.arange(len(at)), at][:, None]
    reads = torch.stack(list(written(seen, batch.clean, at, LAYER).values()), 1) if apart else centred(resid_pre)
    reads = reads / scale_of(resid_pre)
    made = lambda x, bias: torch.cat([bias, x @ weight], 1) if apart else x @ weight + bias
    if by is None:
        return {"unchanged": made(reads, bias)}
    if not by.startswith("projected on "):
        return {"unchanged": made(standardize(vector(by, batch, role))[:, None], bias)}
    by = by.removeprefix("projected on ")
    directions = [vector(by, batch, role)] if by == "MLP_0" else span(by, batch)
    # What is held fixed is divided by its standard deviation; LayerNorm divides by a little more, which is the rest.
    whole = reads if apart else standardize(resid_pre)
    along = project(whole, [direction[:, None] for direction in directions])
    name = {"q": "IO", "k": "MLP0"}[side]
    parts = {f"{name}_dir": made(along, 0 * bias), f"{name}_perp": made(whole - along, bias)}
    return parts if apart else parts | {"rest": (reads - whole) @ weight}


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
    rows += [(f"{part['label']}: {name}", *values) for name, *values in zip(names, here, part["values"], strict=True)]
print(f"contributions to the score of head {LAYER}.{HEAD}, {len(EXAMPLES)} prompts")
show(rows)
