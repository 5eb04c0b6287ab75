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


def filling(batch, site, source, mean):
    """What makes of an activation, (batch, pos, ..., width), what is put there."""
    if FILL == "patch":
        return lambda value: source
    if FILL == "mean":
        return lambda value: mean.expand_as(value)
    if FILL == "zero":
        return torch.zeros_like
    (kind, given), *_ = FILL.items()
    named, times = ([given[0]], given[1]) if kind == "add" else (given, None)
    vectors = [direction(which, batch, D_HEAD if site in ("q", "k", "v", "z") else D_MODEL) for which in named]
    beside = lambda value: [vector.reshape(len(value), *[1] * (value.dim() - 2), -1) for vector in vectors]
    return {
        "project": lambda value: project(value, beside(value)),
        "project_out": lambda value: value - project(value, beside(value)),
        "add": lambda value: value + times * beside(value)[0],
    }[kind]


def edit_of(batch, source, site, layer, head, mask):
    """A cell's edit."""
    source = source[layer, site] if source else None
    mean = MEANS[(layer, site), batch.group] if MEANS else None
    new = filling(batch, site, source, mean)
    return layer, site, lambda value: put(value, new(value), mask, head), SPEC["freeze_ln"]
