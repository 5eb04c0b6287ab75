# %% Runs with edits, and what is read of them, by the names of sites
OF_ATTENTION = ("q", "k", "v", "attn_scores", "pattern", "z", "result")


def hook_name(layer, site):
    return f"blocks.{layer}.{'attn.' if site in OF_ATTENTION else ''}hook_{site}"


def rows_by_query(value, site):
    """A pattern is (batch, head, query, key): here with positions before heads, as all else. Its own inverse."""
    return value.transpose(1, 2) if site in ("attn_scores", "pattern") else value


def hooks_of(layer, site, change, frozen=False):
    """The hooks that put in a site's place what `change` makes of it. `frozen`: ln1 divides by the unedited scale."""
    name, seen = hook_name(layer, site), {}
    keep = lambda value, hook: seen.update(x=value.clone())
    if site == "resid_mid":
        # An edit of the hook itself would reach the MLP alone.
        before = lambda value: seen["x"] + value
        add = lambda value, hook: value + change(before(value)) - before(value)
        return [(hook_name(layer, "resid_pre"), keep), (hook_name(layer, "attn_out"), add)]
    if frozen:
        # An edit of ln1's own hook does not reach inputs that are split by head.
        letter = site[0]
        normal = lambda: centred(change(seen["x"])) / scale_of(seen["x"])
        make = lambda value, hook: torch.einsum("bphd,hde->bphe", normal(), W[letter][layer]) + b[letter][layer]
        return [(name, keep), (hook_name(layer, letter), make)]
    return [(name, lambda value, hook: rows_by_query(change(rows_by_query(value, site)), site))]


def run(tokens, edits=(), reads=(), at=-1):
    """Logits, at END or other positions, and activations by layer and site, (batch, pos, [head,] width).

    An edit is a layer, a site, what makes another activation of the one that is there, and maybe whether ln1's scale
    stays as it was."""
    seen = {}
    hooks = [hook for edit in edits for hook in hooks_of(*edit)]
    for layer, site in reads:
        keep = lambda value, hook, at=(layer, site): seen.update({at: rows_by_query(value, at[1]).clone()})
        hooks.append((hook_name(layer, site), keep))
    return model.run_with_hooks(tokens, fwd_hooks=hooks)[:, at], seen


def layer_0_alone(tokens):
    """What layer 0 leaves of tokens by themselves, and its MLP's part of that. (token, d_model) each"""
    seen = {}
    alone = [
        ("hook_pos_embed", lambda value, hook: torch.zeros_like(value)),
        ("blocks.0.hook_attn_out", lambda value, hook: value - b_O[0]),
        ("blocks.0.hook_mlp_out", lambda value, hook: seen.update(mlp=value[:, 0].clone())),
        ("blocks.0.hook_resid_post", lambda value, hook: seen.update(whole=value[:, 0].clone())),
    ]
    model.run_with_hooks(torch.tensor(tokens)[:, None], fwd_hooks=alone, stop_at_layer=1)
    return seen["whole"], seen["mlp"]
