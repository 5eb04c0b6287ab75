# %% The model, as nnsight has it: the checkpoint's own weights, unprocessed
import importlib.metadata

VERSION = importlib.metadata.version("nnsight")
if tuple(map(int, VERSION.split(".")[:2])) < (0, 5):
    sys.exit(f"this script needs nnsight 0.5 or newer (written for 0.8.1); here is {VERSION}")

import nnsight
from nnsight import LanguageModel


def load_model():
    place = where_model_is()
    if REMOTE:  # its weights stay where it is run
        return LanguageModel(place, revision=REVISION or "main")
    checkpoint, tokenizer = load_checkpoint(place)
    return LanguageModel(checkpoint, tokenizer=tokenizer)


model = load_model()
BLOCKS = model.transformer.h
N_LAYERS, N_HEADS, D_MODEL = model.config.n_layer, model.config.n_head, model.config.n_embd
D_HEAD = D_MODEL // N_HEADS
