# %% Activations of a layer, read and put in. Called within a trace.
PARTS = {"q": 0, "k": 1, "v": 2}  # of what c_attn makes
ORDER = ["resid_pre", "q_input", "k_input", "v_input", "q", "k", "v", "attn_scores", "pattern", "z", "result"]
ORDER += ["attn_out", "resid_mid", "mlp_out", "resid_post"]  # as a layer computes them


def heads_of(x):
    return x.reshape(*x.shape[:-1], N_HEADS, D_HEAD)


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


def scores_of(layer):
    """The attention scores, which GPT2's attention keeps to itself. (batch, query, head, key)"""
    made = BLOCKS[layer].attn.c_attn.output
    scores = torch.einsum("bqhd,bkhd->bqhk", part(made, "q"), part(made, "k")) / attn_scale(layer)
    after = torch.ones(scores.shape[1], scores.shape[1], dtype=torch.bool).triu(1)  # (query, key)
    return scores.masked_fill(after[:, None], -torch.inf)


def output_of(block):
    return block.output[0] if isinstance(block.output, tuple) else block.output


def read(layer, site, stream):
    """A site's activation, where `stream` is what the layer reads. (batch, pos, [head,] width)"""
    block = BLOCKS[layer]
    if site in ("resid_pre", "q_input", "k_input", "v_input"):
        x = centred(stream)
        return x if site == "resid_pre" else x[:, :, None].expand(-1, -1, N_HEADS, -1)
    if site in ("q", "k"):
        return part(block.attn.c_attn.output, site).clone()
    if site == "v":
        return part(block.attn.c_attn.output, "v") - value_bias(layer)
    if site in ("attn_scores", "pattern"):
        return scores_of(layer) if site == "attn_scores" else scores_of(layer).softmax(-1)
    if site == "z":
        return heads_of(block.attn.c_proj.input) - value_bias(layer)
    if site == "result":
        return centred(results_of(layer, read(layer, "z", stream)))
    if site == "attn_out":
        return centred(block.attn.output[0])
    if site == "resid_mid":
        return centred(block.ln_2.input)
    if site == "mlp_out":
        return centred(block.mlp.output)
    return centred(output_of(block))


def write(layer, site, stream, change, frozen=False):
    """Replaces a site's activation by what `change` makes of it. `frozen`: ln1 divides by the unedited scale."""
    block = BLOCKS[layer]
    if site == "resid_pre":
        stream[:] = change(centred(stream))
    elif site in ("q_input", "k_input", "v_input"):
        x, letter = read(layer, site, stream), site[0]
        new = change(x)
        normal = centred(new) / scale_of(x if frozen else new) * block.ln_1.weight + block.ln_1.bias
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
    elif site == "pattern":
        # It is put in by what it makes of the values.
        made = torch.einsum("bqhk,bkhd->bqhd", change(read(layer, site, stream)), part(block.attn.c_attn.output, "v"))
        block.attn.c_proj.input[:] = made.flatten(-2)
    elif site == "z":
        new = change(read(layer, "z", stream)) + value_bias(layer)
        block.attn.c_proj.input[:] = new.flatten(-2)
    elif site == "result":
        result = read(layer, "result", stream)
        block.attn.output[0][:] += (change(result) - result).sum(2)
    elif site == "attn_out":
        block.attn.output[0][:] = change(centred(block.attn.output[0]))
    elif site == "resid_mid":
        before = centred(stream + block.attn.output[0])
        block.attn.output[0][:] += change(before) - before
    elif site == "mlp_out":
        block.mlp.output[:] = change(centred(block.mlp.output))
    else:
        output_of(block)[:] = change(centred(output_of(block)))


# %% Runs with edits, and what is read of them


def run(tokens, edits=(), reads=(), at=-1):
    """Logits, at END or other positions, and activations by layer and site, (batch, pos, [head,] width).

    An edit is a layer, a site, what makes another activation of the one that is there, and maybe whether ln1's scale
    stays as it was."""
    with model.trace(tokens, remote=REMOTE):
        seen = {}
        for layer in range(N_LAYERS):
            stream = BLOCKS[layer].input
            for site in ORDER:
                for of_layer, of_site, *edit in edits:
                    if (of_layer, of_site) == (layer, site):
                        write(layer, site, stream, *edit)
                if (layer, site) in reads:
                    seen[layer, site] = read(layer, site, stream)
        logits = model.lm_head.output[:, at].save()
        seen = nnsight.save(seen)
    return logits, seen


def layer_0_alone(tokens):
    """What layer 0 leaves of tokens by themselves, and its MLP's part of that. (token, d_model) each"""
    block = BLOCKS[0]
    with model.trace(torch.tensor(tokens)[:, None], remote=REMOTE) as tracer:
        block.input[:] = model.transformer.wte.output  # without a position
        block.attn.output[0][:] -= block.attn.c_proj.bias + value_bias(0).flatten() @ block.attn.c_proj.weight
        mlp = centred(block.mlp.output[:, 0]).save()
        whole = centred(output_of(block)[:, 0]).save()
        tracer.stop()
    return whole, mlp
