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
