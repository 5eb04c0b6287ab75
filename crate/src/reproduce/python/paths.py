# %% What each sender sends along its paths
METRIC = SPEC["metric"]
RECEIVERS = [] if SPEC["receivers"] == ["logits"] else [receiver.split(".") for receiver in SPEC["receivers"]]
RECEIVERS = [(int(layer), int(head), letter) for layer, head, letter in RECEIVERS]
HIGHEST = max((layer for layer, _, _ in RECEIVERS), default=N_LAYERS)
READ = [(layer, site) for layer in range(N_LAYERS) for site in ("z", "mlp_out")]


def sent(layer, head, mask, clean, corrupted):
    """Edits of a clean run: a head's z is the corrupted run's, and all other heads' stay as they were."""
    edits = []
    for at in READ:
        new = clean[at] if at != (layer, "z") else put(clean[at], corrupted[at], mask, head)
        if at[1] == "z" or SPEC["mlps"] == "frozen":
            edits.append((*at, lambda value, new=new: new))
    return edits


def received(batch, edits):
    """Edits of a clean run: the receivers read what is sent, queries at END, keys and values everywhere."""
    reads = [(layer, f"{letter}_input") for layer, _, letter in RECEIVERS]
    _, seen = run(batch.clean, edits, reads)
    into = []
    for at, (_, head, letter) in zip(reads, RECEIVERS):
        mask = batch.at(["END"] if letter == "q" else None)
        into.append((*at, lambda value, new=seen[at], head=head, mask=mask: put(value, new, mask, head)))
    return into


def has_path(batch, layer, mask):
    """Whether a sender is below a receiver, at a position that is read."""
    at_end = not any(letter in "kv" and above > layer for above, _, letter in RECEIVERS)
    return layer < HIGHEST and bool((mask[:, -1] if at_end else mask).any())


senders = SENDERS or [(layer, head, None) for layer in range(N_LAYERS) for head in range(N_HEADS)]
found = {}
for batch in batches():
    clean, corrupted = (run(tokens, reads=READ)[1] for tokens in (batch.clean, batch.corrupted))
    unedited = measure(batch, batch.clean).tolist()
    found.setdefault("clean", []).extend(unedited)
    for number, (layer, head, places) in enumerate(senders):
        mask = batch.at(places)
        edits = sent(layer, head, mask, clean, corrupted) if has_path(batch, layer, mask) else []
        if edits and RECEIVERS:
            edits = received(batch, edits)
        values = measure(batch, batch.clean, edits).tolist() if edits else unedited
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
