# %% The model, as TransformerLens processes it
import importlib.metadata

VERSION = importlib.metadata.version("transformer-lens")
if int(VERSION.split(".")[0]) < 3:
    sys.exit(f"this script needs transformer-lens 3 or 4 (written for 4.3.0, tried on 3.9.0); here is {VERSION}")

from transformer_lens.model_bridge import TransformerBridge


def load_model():
    """The model and its tokenizer: LayerNorm folded into the weights, what writes to the residual stream centred."""
    place = where_model_is()
    checkpoint, tokenizer = load_checkpoint(place)
    bridge = TransformerBridge.boot_transformers(place, hf_model=checkpoint, tokenizer=tokenizer, device="cpu")
    bridge.enable_compatibility_mode()
    bridge.set_use_split_qkv_input(True)
    bridge.set_use_attn_result(True)
    return bridge, tokenizer


model, tokenizer = load_model()
N_LAYERS, N_HEADS, D_MODEL = model.cfg.n_layers, model.cfg.n_heads, model.cfg.d_model
