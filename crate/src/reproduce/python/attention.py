# %% What a head attends to, and what the model says next
SCORES, PATTERN = (f"blocks.{SPEC['layer']}.attn.hook_{name}" for name in ("attn_scores", "pattern"))


def zero_at(head, positions):
    def edit(z, hook):
        z[:, positions if positions is not None else slice(None), head] = 0
        return z

    return edit


zero = [(f"blocks.{layer}.attn.hook_z", zero_at(head, positions)) for layer, head, positions in ZERO]
seen = {}
keep = [(name, lambda value, hook, name=name: seen.update({name: value[0].clone()})) for name in (SCORES, PATTERN)]
probabilities = model.run_with_hooks(torch.tensor([FOUND["ids"]]), fwd_hooks=[*zero, *keep])[0].softmax(-1)

rows = []
for query in range(len(FOUND["ids"])):
    for key in range(query + 1):
        for name, figure in [(SCORES, "scores"), (PATTERN, "pattern")]:
            here = seen[name][SPEC["head"], query, key].item()
            rows.append((f"{figure} {query}->{key}", here, FOUND[figure][query][key]))
    for said in FOUND["predictions"][query]:
        name = f"after {query}: {said['token']!r}"
        rows.append((name, probabilities[query, said["id"]].item(), said["probability"]))
print(f"head {SPEC['layer']}.{SPEC['head']} on {len(FOUND['ids'])} tokens")
show(rows)
