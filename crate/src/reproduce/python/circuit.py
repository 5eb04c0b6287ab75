# %% The circuit, with all other heads ablated
METRIC = SPEC["metric"]
Z = [(layer, "z") for layer in range(N_LAYERS)]


def ablated(batch, corrupted, without, outside):
    """Edits that ablate the nodes of these numbers; `outside`: and every head and position that is no node's."""
    edits = []
    for at in Z:
        mask = torch.full((*batch.clean.shape, N_HEADS), outside)
        for number, (layer, head, places) in enumerate(NODES):
            if layer == at[0]:
                mask[..., head] &= ~batch.at(places)
                if number in without:
                    mask[..., head] |= batch.at(places)
        if SPEC["fill"] == "mean":
            new = MEANS[at, batch.group]
        else:
            new = corrupted[at] if SPEC["fill"] == "patch" else torch.zeros(())
        edits.append((*at, lambda z, mask=mask, new=new: torch.where(mask[..., None], new, z)))
    return edits


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

MEANS = group_means(Z) if SPEC["fill"] == "mean" else None
found = {}
for batch in batches():
    corrupted = run(batch.corrupted, reads=Z)[1] if SPEC["fill"] == "patch" else None
    for name, (without, outside) in VARIANTS.items():
        values = measure(batch, batch.clean, ablated(batch, corrupted, without, outside))
        found.setdefault(name, []).extend(values.tolist())
here = {name: sum(values) / len(values) for name, values in found.items()}
rows = [(name, value, page[name]) for name, value in here.items()]
if FOUND["faithfulness"] is not None:
    rows.append(("faithfulness", here["circuit"] / here["full"], FOUND["faithfulness"]))
print(f"{METRIC} of a circuit of {len(NODES)} nodes, {len(EXAMPLES)} examples")
show(rows)
