# %% The checkpoint and its tokenizer, as transformers has them
import torch
from transformers import AutoTokenizer, GPT2LMHeadModel, PreTrainedTokenizerFast

torch.set_grad_enabled(False)


def load_checkpoint(place):
    """The checkpoint in float32, and its tokenizer, from a folder or the hub."""
    checkpoint = GPT2LMHeadModel.from_pretrained(place, revision=REVISION, dtype=torch.float32).eval()
    if place == HUB:
        return checkpoint, AutoTokenizer.from_pretrained(place, revision=REVISION)
    # A folder without tokenizer_config.json does not say which tokens are special.
    eot = "<|endoftext|>"
    tokenizer = PreTrainedTokenizerFast.from_pretrained(
        place, bos_token=eot, eos_token=eot, unk_token=eot, pad_token=eot
    )
    return checkpoint, tokenizer


PLACE = where_model_is()
checkpoint, tokenizer = load_checkpoint(PLACE)
CONFIG = checkpoint.config
N_LAYERS, N_HEADS, D_MODEL, EPS = CONFIG.n_layer, CONFIG.n_head, CONFIG.n_embd, CONFIG.layer_norm_epsilon
D_HEAD = D_MODEL // N_HEADS


def attn_scale(layer):
    """What a layer's products of queries and keys are divided by."""
    scale = D_HEAD**0.5 if CONFIG.scale_attn_weights else 1
    return scale * (layer + 1) if CONFIG.scale_attn_by_inverse_layer_idx else scale


def centred(x):
    """As TransformerLens has all that is in the residual stream; LayerNorm takes the mean out anyway."""
    return x - x.mean(-1, keepdim=True)


def scale_of(x):
    """What LayerNorm divides by. (..., 1)"""
    return (x.var(-1, keepdim=True, correction=0) + EPS).sqrt()
