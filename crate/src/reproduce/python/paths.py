# %% What each sender sends along its paths
METRIC = SPEC["metric"]
RECEIVERS = [] if SPEC["receivers"] == ["logits"] else [receiver.split(".") for receiver in SPEC["receivers"]]
RECEIVERS = [(int(layer), int(head), letter) for layer, head, letter in RECEIVERS]
HIGHEST = max((layer for layer, _, _ in RECEIVERS), default=N_LAYERS)
NAMES = [f"blocks.{layer}.{part}" for layer in range(N_LAYERS) for part in ("attn.hook_z", "hook_mlp_out")]


def sent(batch, layer, head, mask, clean, corrupted):
    """Hooks of a clean run in which a head's z is the corrupted run's, and all other heads' stay as they were."""
    hooks = []
    for of in range(N_LAYERS):
        name = f"blocks.{of}.attn.hook_z"
        new = clean[name] if of != layer else put(clean[name], corrupted[name], mask, head)
        hooks.append((name, lambda z, hook, new=new: new))
        if SPEC["mlps"] == "frozen":
            name = f"blocks.{of}.hook_mlp_out"
            hooks.append((name, lambda value, hook, new=clean[name]: new))
    return hooks


def received(batch, hooks):
    """Hooks of a clean run in which the receivers read what is sent: queries at END, keys and values everywhere."""
    names = [f"blocks.{layer}.hook_{letter}_input" for layer, _, letter in RECEIVERS]
    seen = {}
    keep = [(name, lambda value, hook, name=name: seen.update({name: value.clone()})) for name in names]
    model.run_with_hooks(batch.clean, fwd_hooks=[*hooks, *keep])
    reads = []
    for name, (_, head, letter) in zip(names, RECEIVERS):
        mask = batch.at(["END"] if letter == "q" else None)
        reads.append((name, lambda value, hook, n=name, h=head, m=mask: put(value, seen[n], m, h)))
    return reads


def has_path(batch, layer, mask):
    """Whether a sender is below a receiver, at a position that is read."""
    at_end = not any(letter in "kv" and above > layer for above, _, letter in RECEIVERS)
    return layer < HIGHEST and bool((mask[:, -1] if at_end else mask).any())


senders = SENDERS or [(layer, head, None) for layer in range(N_LAYERS) for head in range(N_HEADS)]
found = {}
for batch in batches():
    clean, corrupted = cached(batch.clean, NAMES), cached(batch.corrupted, NAMES)
    unedited = measure(batch, batch.clean).tolist()
    found.setdefault("clean", []).extend(unedited)
    for number, (layer, head, places) in enumerate(senders):
        mask = batch.at(places)
        hooks = sent(batch, layer, head, mask, clean, corrupted) if has_path(batch, layer, mask) else []
        if hooks and RECEIVERS:
            hooks = received(batch, hooks)
        values = measure(batch, batch.clean, hooks).tolist() if hooks else unedited
        found.setdefault(number, []).extend(values)

mean = lambda values: sum(values) / len(values)
rows = [("clean", mean(found["clean"]), FOUND["clean"])]
for number, page in enumerate(values_of(FOUND["values"])):
    if page is not None:  # there is a path
        layer, head, places = senders[number]
        name = f"{layer}.{head}" + ("" if places is None else f"@{'+'.join(map(str, places))}")
        rows.append((name, mean(found[number]), page))
print(f"{METRIC} where {', '.join(SPEC['receivers'])} receive what each head sends, {len(EXAMPLES)} examples")
show(rows)
