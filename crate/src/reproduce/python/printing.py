# %% How figures are printed


def show(rows):
    """A line for each (name, what came out here, what Patchbay found), with the difference."""
    width = max(len(name) for name, _, _ in rows) + 2
    print(f"{'':{width}}{'here':>14}{'Patchbay':>14}{'difference':>12}")
    for name, here, patchbay in rows:
        print(f"{name:{width}}{here:14.6g}{patchbay:14.6g}{here - patchbay:12.1e}")
    print(f"largest difference {max(abs(here - patchbay) for _, here, patchbay in rows):.1e}")


def values_of(nested):
    """The numbers of arrays in arrays, the last axis fastest."""
    return [number for part in nested for number in values_of(part)] if isinstance(nested, list) else [nested]
