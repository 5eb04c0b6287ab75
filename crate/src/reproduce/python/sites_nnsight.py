# %% Activations of a layer, read and put in. Called within a trace.
PARTS = {"q": 0, "k": 1, "v": 2}  # of what c_attn makes


def unembedding():
    """W_U with ln_f's weights in it, centred as TransformerLens does. (d_model, vocab)"""
    w_u = (model.lm_head.weight * model.transformer.ln_f.weight).T
    w_u = w_u - w_u.mean(0, keepdim=True)
    return w_u - w_u.mean(1, keepdim=True)


def heads_of(x):
    return x.reshape(*x.shape[:-1], N_HEADS, D_HEAD)


def centred(x):
    """As TransformerLens has all that is in the residual stream; LayerNorm takes the mean out anyway."""
    return x - x.mean(-1, keepdim=True)


def part(x, letter):
    """Queries, keys or values of all heads, (..., head, d_head), from what c_attn makes, (..., 3 d_model)."""
    return heads_of(x[..., PARTS[letter] * D_MODEL :][..., :D_MODEL])


def value_bias(layer):
    """What TransformerLens folds from the values into b_O, so that its v and z are without it. (head, d_head)"""
    block = BLOCKS[layer]
    return part(block.ln_1.bias @ block.attn.c_attn.weight + block.attn.c_attn.bias, "v")


def results_of(layer, z):
    """What each head adds to the residual stream, from its z. (batch, pos, head, d_model)"""
    w_o = BLOCKS[layer].attn.c_proj.weight.reshape(N_HEADS, D_HEAD, D_MODEL)
    return torch.einsum("bphd,hde->bphe", z, w_o)


def read(layer, site):
    """A site's activation. (batch, pos, [head,] width)"""
    block = BLOCKS[layer]
    if site in ("resid_pre", "q_input", "k_input", "v_input"):
        x = centred(block.input)
        return x if site == "resid_pre" else x[:, :, None].expand(-1, -1, N_HEADS, -1)
    if site in ("q", "k"):
        return part(block.attn.c_attn.output, site).clone()
    if site == "v":
        return part(block.attn.c_attn.output, "v") - value_bias(layer)
    if site == "z":
        return heads_of(block.attn.c_proj.input) - value_bias(layer)
    if site == "result":
        return centred(results_of(layer, read(layer, "z")))
    if site == "attn_out":
        return centred(block.attn.output[0])
    if site == "resid_mid":
        return centred(block.ln_2.input)
    if site == "mlp_out":
        return centred(block.mlp.output)
    return centred(block.output[0] if isinstance(block.output, tuple) else block.output)


def write(layer, site, change, frozen=False):
    """Replaces a site's activation by what `change` makes of it."""
    block = BLOCKS[layer]
    if site == "resid_pre":
        block.input[:] = change(centred(block.input))
    elif site in ("q_input", "k_input", "v_input"):
        x, letter = centred(block.input), site[0]
        x = x[:, :, None].expand(-1, -1, N_HEADS, -1)
        new = change(x)
        by = x if frozen else new  # whose scale ln1 divides by
        scale = (by.var(-1, keepdim=True, correction=0) + block.ln_1.eps).sqrt()
        normal = (new - new.mean(-1, keepdim=True)) / scale * block.ln_1.weight + block.ln_1.bias
        first = PARTS[letter] * D_MODEL
        weight = block.attn.c_attn.weight[:, first : first + D_MODEL].reshape(D_MODEL, N_HEADS, D_HEAD)
        bias = block.attn.c_attn.bias[first : first + D_MODEL].reshape(N_HEADS, D_HEAD)
        made = torch.einsum("bphd,dhe->bphe", normal, weight) + bias
        block.attn.c_attn.output[..., first : first + D_MODEL] = made.flatten(-2)
    elif site in PARTS:
        first = PARTS[site] * D_MODEL
        bias = value_bias(layer) if site == "v" else 0
        new = change(part(block.attn.c_attn.output, site) - bias) + bias
        block.attn.c_attn.output[..., first : first + D_MODEL] = new.flatten(-2)
    elif site == "z":
        new = change(read(layer, "z")) + value_bias(layer)
        block.attn.c_proj.input[:] = new.flatten(-2)
    elif site == "result":
        result = read(layer, "result")
        block.attn.output[0][:] += (change(result) - result).sum(2)
    elif site == "attn_out":
        block.attn.output[0][:] = change(centred(block.attn.output[0]))
    elif site == "resid_mid":
        before = centred(block.input + block.attn.output[0])
        block.attn.output[0][:] += change(before) - before
    elif site == "mlp_out":
        block.mlp.output[:] = change(centred(block.mlp.output))
    else:
        output = block.output[0] if isinstance(block.output, tuple) else block.output
        output[:] = change(centred(output))


def scores(layer, head, batch):
    """END's attention scores to IO minus to S1, of a head. (batch,)"""
    made = BLOCKS[layer].attn.c_attn.output
    q, k = part(made, "q")[:, -1, head], part(made, "k")[:, :, head]
    row = torch.arange(len(q))
    scale = D_HEAD**0.5 if model.config.scale_attn_weights else 1
    scale *= layer + 1 if model.config.scale_attn_by_inverse_layer_idx else 1
    return (q * (k[row, batch.role("IO")] - k[row, batch.role("S1")])).sum(-1) / scale


def measure(batch, tokens, edit=None, unedited=None):
    """The metric of each run; `edit`: called in its trace; `unedited`: the tokens that KL is told from. (batch,)"""
    before = None
    if METRIC == "kl":
        with model.trace(tokens if unedited is None else unedited, remote=REMOTE):
            before = model.lm_head.output[:, -1].save()
    with model.trace(tokens, remote=REMOTE):
        if edit is not None:
            edit()
        if METRIC.startswith("attn_score_diff"):
            layer, head = map(int, METRIC[len("attn_score_diff[") : -1].split("."))
            found = scores(layer, head, batch).save()
        else:
            found = model.lm_head.output[:, -1].save()
    return found if METRIC.startswith("attn_score_diff") else metric_of(found, batch, before)
