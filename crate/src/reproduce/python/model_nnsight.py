# %% The model, as nnsight has it, and the checkpoint's weights as TransformerLens processes them
import nnsight
from nnsight import LanguageModel

# On NDIF's machines it is the hub's; the weights are read here all the same.
there = {"revision": REVISION or "main"} if REMOTE else {}
model = LanguageModel(PLACE if REMOTE else checkpoint, tokenizer=tokenizer, **there)
BLOCKS = model.transformer.h


def inputs_of(block):
    """What makes q, k and v of normalized rows, ln1's weights in it. (3, head, d_model, d_head), (3, head, d_head)"""
    ln, attn = block.ln_1, block.attn.c_attn
    weight, bias = ln.weight[:, None] * attn.weight, ln.bias @ attn.weight + attn.bias
    weight = weight.unflatten(-1, (3, N_HEADS, D_HEAD)).permute(1, 2, 0, 3)
    return weight - weight.mean(-2, keepdim=True), bias.unflatten(-1, (3, N_HEADS, D_HEAD))


def outputs_of(block):
    """What heads write with, and their bias, the values' in it. (head, d_head, d_model), (d_model,)"""
    proj, bias = block.attn.c_proj, inputs_of(block)[1]
    w_o = centred(proj.weight)
    return w_o.unflatten(0, (N_HEADS, D_HEAD)), centred(proj.bias) + bias[2].flatten() @ w_o


transformer = checkpoint.transformer
W_E, W_pos = centred(transformer.wte.weight), centred(transformer.wpe.weight)
W_U, b_U = (checkpoint.lm_head.weight * transformer.ln_f.weight).T, checkpoint.lm_head.weight @ transformer.ln_f.bias
W_U, b_U = centred(W_U - W_U.mean(0)), centred(b_U)
W_O, b_O = (torch.stack(of) for of in zip(*map(outputs_of, transformer.h)))
W, b = (dict(zip("qkv", torch.stack(of, 1))) for of in zip(*map(inputs_of, transformer.h)))  # (layer, ...) each
b["v"] = torch.zeros_like(b["v"])
