"""One run of Patchbay again, with TransformerLens.

    pip install torch transformers safetensors "transformer_lens<4"   # 4.0 has no HookedTransformer
    python SCRIPT [MODEL_FOLDER]

Prints, for each condition, the mean attention score END->IO minus END->S1 beside the figure that the page found.
"""

import hashlib
import pathlib
import random
import sys

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

# DATA

BATCH = 50
torch.set_grad_enabled(False)


def load_hf():
    """The checkpoint and its tokenizer, from the hub or from a folder."""
    if HUB is not None and len(sys.argv) < 2:
        hf = GPT2LMHeadModel.from_pretrained(HUB, revision=REVISION)
        return hf.float().eval(), AutoTokenizer.from_pretrained(HUB, revision=REVISION)
    if len(sys.argv) != 2:
        sys.exit("give the folder with config.json, tokenizer.json and model.safetensors as the argument")
    from safetensors.torch import load_file

    folder = pathlib.Path(sys.argv[1])
    for name, expected in SHA256.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            print(f"warning: another {name} than the page's: SHA-256 {found}, expected {expected}")
    hf = GPT2LMHeadModel(GPT2Config.from_json_file(folder / "config.json"))
    state = load_file(folder / "model.safetensors")
    state = {key.removeprefix("transformer."): value.float() for key, value in state.items()}
    # The causal masks that some checkpoints hold are no weights; wte is the unembedding too.
    weights = {key: state[key] for key in hf.transformer.state_dict() if key in state}
    missing = [key for key, _ in hf.transformer.named_parameters() if key not in weights]
    assert not missing, f"not in model.safetensors: {missing}"
    hf.transformer.load_state_dict(weights, strict=False)
    hf.tie_weights()
    return hf.eval(), PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


def load_model(hf):
    """Processed as HookedTransformer.from_pretrained does it, for any shape of GPT-2."""
    c = hf.config
    cfg = HookedTransformerConfig(
        n_layers=c.n_layer, d_model=c.n_embd, n_heads=c.n_head, d_head=c.n_embd // c.n_head, d_mlp=4 * c.n_embd,
        n_ctx=c.n_positions, d_vocab=c.vocab_size, act_fn="gelu_new", eps=c.layer_norm_epsilon,
        normalization_type="LN", attention_dir="causal", original_architecture="GPT2LMHeadModel", device="cpu",
    )
    model = HookedTransformer(cfg)
    model.load_and_process_state_dict(
        convert_gpt2_weights(hf, cfg),
        fold_ln=True, center_writing_weights=True, center_unembed=True, fold_value_biases=True,
    )
    model.set_use_split_qkv_input(True)
    return model.eval()


hf, tokenizer = load_hf()
model = load_model(hf)
BOS = tokenizer.convert_tokens_to_ids("<|endoftext|>")
RESID, SCALE = f"blocks.{LAYER}.hook_resid_pre", f"blocks.{LAYER}.ln1.hook_scale"
SCORES = f"blocks.{LAYER}.attn.hook_attn_scores"


def encode(text):
    return tokenizer.encode(text, add_special_tokens=False)


def rows(sentences, ends):
    """Tokens up to the last END, which a causal model cannot look beyond, padded on the right. (batch, pos)"""
    length = 1 + max(ends)
    ids = [[BOS] * PREPEND_BOS + encode(sentence) for sentence in sentences]
    return torch.tensor([(row + [BOS] * length)[:length] for row in ids])


def resid_pre(tokens):
    _, cache = model.run_with_cache(tokens, names_filter=RESID, stop_at_layer=LAYER + 1)
    return cache[RESID]  # (batch, pos, d_model)


def run_layer(resid, hooks=()):
    """The head's attention scores, (batch, query, key), and ln1's scale, (batch, pos, head, 1)."""
    seen = {}

    def keep(value, hook):
        seen[hook.name] = value.clone()

    model.run_with_hooks(
        resid, start_at_layer=LAYER, stop_at_layer=LAYER + 1, fwd_hooks=[*hooks, (SCALE, keep), (SCORES, keep)]
    )
    return seen[SCORES][:, HEAD], seen[SCALE]


def project(x, directions):
    """The part of each row inside the span of its directions, by Gram-Schmidt in their order. (batch, d_model)"""
    result, basis = torch.zeros_like(x), []
    for direction in directions:
        for unit in basis:
            direction = direction - unit * (direction * unit).sum(-1, keepdim=True)
        norm = direction.norm(dim=-1, keepdim=True)
        basis.append(torch.where(norm > 1e-4, direction / norm, torch.zeros_like(direction)))
    for unit in basis:
        result = result + unit * (x * unit).sum(-1, keepdim=True)
    return result


def random_names(i, io, s):
    rng, names = random.Random(SEED + (2 * i + 1) * 2**32), sorted(set(NAMES) - {io, s})
    while True:
        a, b = rng.choice(names), rng.choice(names)
        if a != b:
            return a, b


def random_directions(i):
    rng = random.Random(SEED + (2 * i + 2) * 2**32)
    return [[rng.gauss(0, 1) for _ in range(model.cfg.d_model)] for _ in range(2)]


def w_u(names):
    return model.W_U[:, [encode(" " + name)[0] for name in names]].T  # (batch, d_model)


def span(kind, first, ios, ss):
    """The directions that a prompt's input is projected on, (batch, d_model) each."""
    if kind == "IO and S":
        return [w_u(ios), w_u(ss)]
    if kind in ("IO", "S"):
        return [w_u(ios if kind == "IO" else ss)]
    if kind == "random names":
        pairs = [random_names(first + i, io, s) for i, (io, s) in enumerate(zip(ios, ss))]
        return [w_u(names) for names in zip(*pairs)]
    pairs = [random_directions(first + i) for i in range(len(ios))]
    return [torch.tensor(drawn) for drawn in zip(*pairs)]


def run_batch(first, prompts):
    """By condition: the scores END->IO and END->S1 of each prompt."""
    sentences, flips, ios, ss, io_at, s1_at, ends = (list(column) for column in zip(*prompts))
    for sentence, end in zip(sentences, ends):
        assert PREPEND_BOS + len(encode(sentence)) - 2 == end, f"the tokenizer reads this otherwise: {sentence}"
    batch = torch.arange(len(prompts))
    clean, flipped = resid_pre(rows(sentences, ends)), resid_pre(rows(flips, ends))
    clean_scores, clean_scale = run_layer(clean)
    scores = {"clean": clean_scores}
    for name, (which, only_end, replacement, frozen) in CASES.items():
        new = clean.clone()
        if replacement == "flipped":
            source = flipped[batch, ends] if only_end else flipped
        else:
            source = project(clean[batch, ends], span(replacement, first, ios, ss))
        if only_end:
            new[batch, ends] = source
        else:
            new = source

        def edit(value, hook, new=new):
            value[:, :, HEAD] = new
            return value

        hooks = [(f"blocks.{LAYER}.hook_{which}_input", edit)]
        if frozen:
            hooks.append((SCALE, lambda value, hook: clean_scale))
        scores[name], _ = run_layer(clean, hooks)
    return {name: (s[batch, ends, io_at], s[batch, ends, s1_at]) for name, s in scores.items()}


def accuracy():
    """The share of prompts with logit[IO] > logit[S] at END."""
    right = 0
    for first in range(0, len(PROMPTS), BATCH):
        sentences, _, ios, ss, _, _, ends = (list(c) for c in zip(*PROMPTS[first : first + BATCH]))
        batch = torch.arange(len(sentences))
        logits = model(rows(sentences, ends))[batch, ends]
        io, s = ([encode(" " + name)[0] for name in names] for names in (ios, ss))
        right += int((logits[batch, io] > logits[batch, s]).sum())
    return right / len(PROMPTS)


found = {name: ([], []) for name in PAGE}
for first in range(0, len(PROMPTS), BATCH):
    for name, columns in run_batch(first, PROMPTS[first : first + BATCH]).items():
        for column, values in zip(found[name], columns):
            column.extend(values.tolist())

print(f"{EXPERIMENT} at head {LAYER}.{HEAD}, {len(PROMPTS)} prompts")
print(f"{'condition':32}{'mean diff':>12}{'END->IO':>12}{'END->S1':>12}{'the page':>12}{'difference':>12}")
for name, (io, s1) in found.items():
    mean_io, mean_s1 = sum(io) / len(io), sum(s1) / len(s1)
    diff = mean_io - mean_s1
    print(f"{name:32}{diff:12.6f}{mean_io:12.6f}{mean_s1:12.6f}{PAGE[name]:12.6f}{diff - PAGE[name]:12.1e}")
if PAGE_ACCURACY is not None:
    print(f"IOI accuracy {accuracy():.4f}, the page {PAGE_ACCURACY:.4f}")
