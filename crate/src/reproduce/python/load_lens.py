# %% The model, as TransformerLens processes it
import importlib.metadata
import sys

VERSION = importlib.metadata.version("transformer-lens")
if int(VERSION.split(".")[0]) < 3:
    sys.exit(f"this script needs transformer-lens 3 or 4 (written for 4.3.0, tried on 3.9.0); here is {VERSION}")

import torch
from transformer_lens.model_bridge import TransformerBridge
from transformers import AutoTokenizer, GPT2LMHeadModel, PreTrainedTokenizerFast

torch.set_grad_enabled(False)


def load_model():
    """The model and its tokenizer: LayerNorm folded into the weights, what writes to the residual stream centred."""
    place = where_model_is()
    hf = GPT2LMHeadModel.from_pretrained(place, revision=REVISION, dtype=torch.float32).eval()
    if place == HUB:
        tokenizer = AutoTokenizer.from_pretrained(place, revision=REVISION)
    else:
        # A folder without tokenizer_config.json does not say which tokens are special.
        eot = "<|endoftext|>"
        tokenizer = PreTrainedTokenizerFast.from_pretrained(
            place, bos_token=eot, eos_token=eot, unk_token=eot, pad_token=eot
        )
    bridge = TransformerBridge.boot_transformers(place, hf_model=hf, tokenizer=tokenizer, device="cpu")
    bridge.enable_compatibility_mode()
    bridge.set_use_split_qkv_input(True)
    bridge.set_use_attn_result(True)
    return bridge, tokenizer


model, tokenizer = load_model()
N_LAYERS, N_HEADS, D_MODEL = model.cfg.n_layers, model.cfg.n_heads, model.cfg.d_model
