# %% What each component writes


def sites_written(below):
    """What is read for it."""
    return [(layer, site) for layer in range(below) for site in ("z", "mlp_out")]


def written(seen, tokens, at, below):
    """What the embeddings and all below a layer write at a position of each example. (batch, d_model) each"""
    row = torch.arange(len(tokens))
    found = {"W_E": W_E[tokens[row, at]], "W_pos": W_pos[at]}
    found |= {f"MLP_{layer}": seen[layer, "mlp_out"][row, at] for layer in range(below)}
    for layer in range(below):
        z = seen[layer, "z"][row, at]  # (batch, head, d_head)
        found |= {f"{layer}.{head}": z[:, head] @ W_O[layer, head] for head in range(N_HEADS)}
    return found | {f"b_O_{layer}": b_O[layer].expand(len(row), -1) for layer in range(below)}
