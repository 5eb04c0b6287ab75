# %% The model, as TransformerLens processes it: LayerNorm in the weights, what writes to the residual stream centred
from transformer_lens.model_bridge import TransformerBridge

model = TransformerBridge.boot_transformers(PLACE, hf_model=checkpoint, tokenizer=tokenizer, device="cpu")
model.enable_compatibility_mode()
model.set_use_split_qkv_input(True)
model.set_use_attn_result(True)
W_E, W_pos, W_U, b_U = model.W_E, model.pos_embed.W_pos, model.W_U, model.b_U
W_O, b_O = model.W_O, model.b_O  # (layer, head, d_head, d_model), (layer, d_model)
W = {"q": model.W_Q, "k": model.W_K, "v": model.W_V}  # (layer, head, d_model, d_head)
b = {"q": model.b_Q, "k": model.b_K, "v": model.b_V}  # (layer, head, d_head)
