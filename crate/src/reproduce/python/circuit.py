# %% The circuit, with all other heads ablated
METRIC = SPEC["metric"]
NAMES = [f"blocks.{layer}.attn.hook_z" for layer in range(N_LAYERS)]


def ablated(batch, corrupted, without, outside):
    """Hooks that ablate the nodes of these numbers; `outside`: and every head and position that is no node's."""
    hooks = []
    for layer, name in enumerate(NAMES):
        mask = torch.full((*batch.clean.shape, N_HEADS), outside)
        for number, (of, head, places) in enumerate(NODES):
            if of == layer:
                mask[..., head] &= ~batch.at(places)
                if number in without:
                    mask[..., head] |= batch.at(places)
        if SPEC["fill"] == "mean":
            new = MEANS[name, batch.group]
        else:
            new = corrupted[name] if SPEC["fill"] == "patch" else torch.zeros(())
        hooks.append((name, lambda z, hook, mask=mask, new=new: torch.where(mask[..., None], new, z)))
    return hooks


every = set(range(len(NODES)))
VARIANTS = {"full": (set(), False), "circuit": (set(), True), "empty": (every, True)}
page = {name: FOUND[name] for name in VARIANTS}
if SPEC["examine"]:
    VARIANTS["complement"] = (every, False)
    page["complement"] = FOUND["complement"]["value"]
    for number, node in enumerate(FOUND["nodes"]):
        for of, outside, figure in [("circuit", True, "without_in_circuit"), ("full", False, "without_in_model")]:
            VARIANTS[f"{of} without {node['node']}"] = ({number}, outside)
            page[f"{of} without {node['node']}"] = node[figure]["value"]

MEANS = group_means(lambda tokens: cached(tokens, NAMES)) if SPEC["fill"] == "mean" else None
found = {}
for batch in batches():
    corrupted = cached(batch.corrupted, NAMES)
    for name, (without, outside) in VARIANTS.items():
        values = measure(batch, batch.clean, ablated(batch, corrupted, without, outside))
        found.setdefault(name, []).extend(values.tolist())
here = {name: sum(values) / len(values) for name, values in found.items()}
rows = [(name, value, page[name]) for name, value in here.items()]
if FOUND["faithfulness"] is not None:
    rows.append(("faithfulness", here["circuit"] / here["full"], FOUND["faithfulness"]))
print(f"{METRIC} of a circuit of {len(NODES)} nodes, {len(EXAMPLES)} examples")
show(rows)
