# %% How figures are printed
MOST_ROWS = 2000


def show(rows):
    """A line for each (name, what came out here, what Patchbay found), with the difference."""
    shown = rows[:MOST_ROWS]
    width = max(len(name) for name, _, _ in shown) + 2
    print(f"{'':{width}}{'here':>14}{'Patchbay':>14}{'difference':>12}")
    for name, here, patchbay in shown:
        print(f"{name:{width}}{here:14.6g}{patchbay:14.6g}{here - patchbay:12.1e}")
    if len(rows) > len(shown):
        print(f"... and {len(rows) - len(shown)} more; the largest difference is of these too")
    differences = [abs(here - patchbay) for _, here, patchbay in rows]
    # What is no number is the largest of all: by itself, max() passes over it.
    print(f"largest difference {max(differences, key=lambda it: (it != it, it)):.1e}")


def values_of(nested):
    """The numbers of arrays in arrays, the last axis fastest."""
    return [number for part in nested for number in values_of(part)] if isinstance(nested, list) else [nested]
