# %% What a head attends to, and what the model says next
LAYER, HEAD = SPEC["layer"], SPEC["head"]
(text,) = batches()
logits, seen = run(text.clean, zeroed(text), [(LAYER, "attn_scores"), (LAYER, "pattern")], at=slice(None))
probabilities = logits[0].softmax(-1)

rows = []
for query in range(len(FOUND["ids"])):
    for key in range(query + 1):
        for site, figure in [("attn_scores", "scores"), ("pattern", "pattern")]:
            here = seen[LAYER, site][0, query, HEAD, key].item()
            rows.append((f"{figure} {query}->{key}", here, FOUND[figure][query][key]))
    for said in FOUND["predictions"][query]:
        name = f"after {query}: {said['token']!a}"
        rows.append((name, probabilities[query, said["id"]].item(), said["probability"]))
print(f"head {LAYER}.{HEAD} on {len(FOUND['ids'])} tokens")
show(rows)
