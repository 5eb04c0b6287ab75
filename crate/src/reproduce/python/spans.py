# %% What a head's input is replaced by
import random

LAYER, HEAD = SPEC["layer"], SPEC["head"]


def random_directions(i):
    """What Patchbay draws for a prompt: two vectors of independent standard normal numbers."""
    rng = random.Random(SPEC["dataset"]["seed"] + (2 * i + 2) * 2**32)
    return [[rng.gauss(0, 1) for _ in range(D_MODEL)] for _ in range(2)]


def span(which, batch):
    """The directions that each prompt's input is projected on. (batch, 1, d_model) each"""
    if which == "random directions":
        drawn = torch.tensor([random_directions(i) for i in batch.numbers])
    else:
        io, s = ([of_example[0] for of_example in tokens] for tokens in (batch.answers, batch.wrong))
        of = {"IO": [io], "S": [s], "IO and S": [io, s]}
        tokens = list(zip(*(RANDOM_NAMES[i] for i in batch.numbers))) if which == "random names" else of[which]
        drawn = torch.stack([unembedding().T[list(column)] for column in tokens], 1)  # (batch, direction, d_model)
    return [direction[:, None] for direction in drawn.unbind(1)]
