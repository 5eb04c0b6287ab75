# %% Vectors that a head's input is projected on, or that stand in for it
import random

TOKENS = {
    "IO": lambda i: EXAMPLES[i][3],
    "S": lambda i: EXAMPLES[i][4],
    "IO and S": lambda i: EXAMPLES[i][3] + EXAMPLES[i][4],
    "names": lambda i: NAMES[i],
    "random names": lambda i: RANDOM[i][:2],
    "random name": lambda i: RANDOM[i][:1],
    "random token": lambda i: RANDOM[i][2:],
}


def standardize(x):
    """Mean 0 and (unbiased) standard deviation 1."""
    return centred(x) / x.std(-1, keepdim=True)


def random_directions(i):
    """What Patchbay draws for a prompt: two vectors of independent standard normal numbers."""
    rng = random.Random(SPEC["dataset"]["seed"] + (2 * i + 2) * 2**32)
    return [[rng.gauss(0, 1) for _ in range(D_MODEL)] for _ in range(2)]


def span(which, batch):
    """The directions that each prompt's input is projected on. (batch, d_model) each"""
    if which == "random directions":
        return torch.tensor([random_directions(i) for i in batch.numbers]).unbind(1)
    return [W_U.T[list(tokens)] for tokens in zip(*(TOKENS[which](i) for i in batch.numbers))]


def read_at(batch, role, layer, site):
    """An activation of the clean run at a role. (batch, ...)"""
    seen = run(batch.clean, reads=[(layer, site)])[1][layer, site]
    return seen[torch.arange(len(seen)), batch.role(role)]


def vector(which, batch, role):
    """What stands in for a head's input at a role, in each example. (batch, d_model)"""
    if which.startswith("W_U["):
        return span(which[len("W_U[") : -1], batch)[0]
    if which.startswith("W_E"):
        names = {"IO": batch.answers, "S1": batch.wrong}[role]
        return effective_embeddings([name for (name,) in names])[which]
    if which == "MLP_0":
        return read_at(batch, role, 0, "mlp_out")
    layer, head = SPEC["name_mover"]
    wrote = read_at(batch, role, layer, "z")[:, head] @ W_O[layer, head]
    without = {"name mover without IO": ["IO"], "name mover without names": ["names"]}.get(which, [])
    return wrote - project(wrote, [direction for of in without for direction in span(of, batch)])
