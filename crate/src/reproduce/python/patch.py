# %% A cell's edit


def hook_name(layer, site):
    return f"blocks.{layer}.{'attn.' if site in ('q', 'k', 'v', 'pattern', 'z', 'result') else ''}hook_{site}"


def rows_by_query(value, site):
    """A pattern is (batch, head, query, key): here with positions before heads, as all else. Its own inverse."""
    return value.transpose(1, 2) if site == "pattern" else value


NAMES = [hook_name(layer, site) for layer in range(N_LAYERS) for site in SITES]


def frozen_input(site, layer, new, scale):
    """What heads make of an input where ln1 divides by the unedited run's scale. (batch, pos, head, d_head)"""
    letter = site[0].upper()
    normalized = (new - new.mean(-1, keepdim=True)) / scale[:, :, None]
    weight, bias = getattr(model, f"W_{letter}")[layer], getattr(model, f"b_{letter}")[layer]
    return torch.einsum("bphd,hde->bphe", normalized, weight) + bias


def edit_of(batch, edited, source, site, layer, head, mask):
    """The hooks that make a cell's edit."""
    name = hook_name(layer, site)
    source = rows_by_query(source[name], site) if source is not None else None
    mean = rows_by_query(MEANS[name, batch.group][None], site) if MEANS else None

    def edit(value, hook):
        value = rows_by_query(value, site)
        return rows_by_query(put(value, filled(value, batch, source, mean), mask, head), site)

    if site == "resid_mid":
        # An edit of the hook itself would reach the MLP alone.
        before = cached(edited, [name])[name]
        change = edit(before, None) - before
        return [(f"blocks.{layer}.hook_attn_out", lambda value, hook: value + change)]
    if not SPEC["freeze_ln"]:
        return [(name, edit)]
    scale_name = f"blocks.{layer}.ln1.hook_scale"
    cache = cached(edited, [name, scale_name])
    new = frozen_input(site, layer, filled(cache[name], batch, source, mean), cache[scale_name])
    return [(hook_name(layer, site[0]), lambda value, hook: put(value, new, mask, head))]


def activations(tokens):
    return cached(tokens, NAMES)
