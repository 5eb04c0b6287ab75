# %% How much a name's effective embedding is what a head's key reads at IO
LAYER, HEAD = SPEC["layer"], SPEC["head"]
cosine = torch.nn.functional.cosine_similarity
rows = []
for batch in batches():
    x = read_at(batch, "IO", LAYER, "resid_pre")
    normal = centred(x) / scale_of(x)
    key = lambda x: x @ W["k"][LAYER, HEAD] + b["k"][LAYER, HEAD]
    for form in FOUND["forms"]:
        alone = standardize(vector(form["embedding"], batch, "IO"))
        for what, cosines in {"input": cosine(alone, normal), "key": cosine(key(alone), key(normal))}.items():
            name = f"{what} of {form['embedding']}, prompt"
            rows += [(f"{name} {i}", here, form[what][i]) for i, here in zip(batch.numbers, cosines.tolist())]
print(f"cosines at head {LAYER}.{HEAD}, {len(EXAMPLES)} prompts")
show(rows)
