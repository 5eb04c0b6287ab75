# %% The model, as nnsight has it: the checkpoint's own weights, unprocessed
import importlib.metadata

VERSION = importlib.metadata.version("nnsight")
if tuple(map(int, VERSION.split(".")[:2])) < (0, 5):
    sys.exit(f"this script needs nnsight 0.5 or newer (written for 0.8.1); here is {VERSION}")

import nnsight
import torch
from nnsight import LanguageModel
from transformers import AutoTokenizer, GPT2LMHeadModel, PreTrainedTokenizerFast

torch.set_grad_enabled(False)


def load_model():
    place = where_model_is()
    if REMOTE:  # its weights stay where it is run
        return LanguageModel(place, revision=REVISION or "main")
    hf = GPT2LMHeadModel.from_pretrained(place, revision=REVISION, dtype=torch.float32).eval()
    if place == HUB:
        tokenizer = AutoTokenizer.from_pretrained(place, revision=REVISION)
    else:
        # A folder without tokenizer_config.json does not say which tokens are special.
        eot = "<|endoftext|>"
        tokenizer = PreTrainedTokenizerFast.from_pretrained(
            place, bos_token=eot, eos_token=eot, unk_token=eot, pad_token=eot
        )
    return LanguageModel(hf, tokenizer=tokenizer)


model = load_model()
BLOCKS = model.transformer.h
N_LAYERS, N_HEADS, D_MODEL = model.config.n_layer, model.config.n_head, model.config.n_embd
D_HEAD = D_MODEL // N_HEADS
