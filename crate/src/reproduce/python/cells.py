# %% The grid's cells, and what is put there
import itertools

FILL = SPEC["fill"]
RUN = SPEC.get("direction") or ("denoise" if FILL == "patch" else "noise")  # which run is edited
SITES = [SPEC["site"], *SPEC.get("also", [])]
METRIC = SPEC["metric"]


def cells():
    """Each place of the grid: its name, its site, layer, head (None for all) and positions."""
    names = [axis["name"] for axis in FOUND["axes"]]
    for labels in itertools.product(*(axis["labels"] for axis in FOUND["axes"])):
        here = dict(zip(names, labels))
        place = here.get("role", here.get("position", SPEC["at"]))
        places = None if place == "all" else [int(place) if place.isdigit() else place]
        head = here.get("head", SPEC.get("head"))
        yield (
            " ".join(f"{name} {label}" for name, label in here.items()),
            here.get("site", SPEC["site"]),
            int(here.get("layer", SPEC.get("layer", 0))),
            None if head is None else int(head),
            places,
        )


def direction(which, batch, width):
    """The vector that a name or numbers of one's own stand for, in each example. (batch, width)"""
    if isinstance(which, dict):
        (own,) = which.values()  # a list, or a file's vector with its name
        return torch.tensor(own["numbers"] if isinstance(own, dict) else own).expand(len(batch.numbers), width)
    answers, wrong = mean_over_tokens(W_U.T, batch.answers), mean_over_tokens(W_U.T, batch.wrong)
    return {"W_U[answers]": answers, "W_U[wrong]": wrong, "W_U[answers-wrong]": answers - wrong}[which]


def filled(value, batch, source, mean):
    """What an edit makes of an activation, (batch, pos, ..., width): the other run's, the mean, zero, or of itself."""
    if FILL == "patch":
        return source
    if FILL == "mean":
        return mean.expand_as(value)
    if FILL == "zero":
        return torch.zeros_like(value)
    between = [1] * (value.dim() - 2)
    vector = lambda which: direction(which, batch, value.shape[-1]).reshape(len(value), *between, value.shape[-1])
    (kind, given), *_ = FILL.items()
    if kind == "project":
        return project(value, [vector(which) for which in given])
    if kind == "project_out":
        return value - project(value, [vector(which) for which in given])
    if kind == "add":
        which, times = given
        return value + times * vector(which)
    raise ValueError(f"no fill {FILL}")


def edit_of(batch, source, site, layer, head, mask):
    """A cell's edit."""
    source = source[layer, site] if source else None
    mean = MEANS[(layer, site), batch.group] if MEANS else None
    change = lambda value: put(value, filled(value, batch, source, mean), mask, head)
    return layer, site, change, SPEC["freeze_ln"]
