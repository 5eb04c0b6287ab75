# %% The examples, in batches
BATCH = 50  # fewer where memory is short


class Batch:
    """Examples of one group, which are of one length: their tokens up to END, (batch, pos)."""

    def __init__(self, numbers):
        self.numbers = numbers
        rows = [EXAMPLES[i] for i in numbers]
        self.clean = torch.tensor([row[0] for row in rows])
        self.corrupted = torch.tensor([row[1] for row in rows])
        self.positions = torch.tensor([row[2] for row in rows])  # (batch, role)
        self.answers = [row[3] for row in rows]
        self.wrong = [row[4] for row in rows]
        self.group = rows[0][5]

    def role(self, name):
        """Where a role is in each example. (batch,)"""
        return self.positions[:, ROLES.index(name)]

    def at(self, places):
        """Whether a position is one of some places: None for all, else roles and numbers. (batch, pos)"""
        if places is None:
            return torch.ones_like(self.clean, dtype=torch.bool)
        mask = torch.zeros_like(self.clean, dtype=torch.bool)
        for place in places:
            at = self.role(place) if isinstance(place, str) else torch.full_like(self.positions[:, 0], place)
            mask |= torch.arange(mask.shape[1]) == at[:, None]
        return mask


def batches():
    groups = {}
    for i, example in enumerate(EXAMPLES):
        groups.setdefault(example[5], []).append(i)
    for group in groups.values():
        for first in range(0, len(group), BATCH):
            yield Batch(group[first : first + BATCH])


def group_means(reads):
    """The mean over each group of activations of its corrupted runs, by layer and site, and group. (pos, ...)"""
    sums, counts = {}, {}
    for batch in batches():
        counts[batch.group] = counts.get(batch.group, 0) + len(batch.numbers)
        for at, value in run(batch.corrupted, reads=reads)[1].items():
            sums[at, batch.group] = sums.get((at, batch.group), 0) + value.double().sum(0)
    return {(at, group): (total / counts[group]).float() for (at, group), total in sums.items()}


def mean_over_tokens(of_token, tokens):
    """The mean of a tensor's rows over each example's tokens, which may be several. (batch, ...)"""
    return torch.stack([of_token[of_example].mean(0) for of_example in tokens])


def answers_minus_wrong(of_token, batch):
    """The mean of a tensor's rows over each example's answers, minus that over its wrong answers. (batch, ...)"""
    return mean_over_tokens(of_token, batch.answers) - mean_over_tokens(of_token, batch.wrong)


def put(value, new, mask, head=None):
    """`value` with `new` where the mask, (batch, pos), is true; of one head, or of all. (batch, pos, [head,] width)"""
    where = mask.reshape(*mask.shape, *[1] * (value.dim() - 2))
    if head is not None:
        of_head = torch.arange(value.shape[2]) == head
        where = where & of_head[:, None]
    return torch.where(where, new, value)
