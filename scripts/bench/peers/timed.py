"""Runs a program that `patchbay ... --script` has written and times it: `timed.py LIBRARY PROGRAM.py MODEL_FOLDER REPEATS`.

The program's last cell computes, and is run REPEATS times, or once half a minute is over not again; those before it import,
read the model and define. Prints one JSON object: versions, threads, the seconds of importing, of what comes before the last
cell, and of each run of it, and what was printed.
"""

import contextlib
import importlib
import importlib.metadata
import io
import json
import pathlib
import runpy
import sys
import time

library, program, folder, repeats = sys.argv[1:]
CELL = "\n# %% "
LONG = 30

begun = time.perf_counter()
import torch

importlib.import_module("transformers")
importlib.import_module({"transformer-lens": "transformer_lens.model_bridge", "nnsight": "nnsight"}[library])
imported = time.perf_counter() - begun

# A file, since nnsight reads a trace's source.
before, last = pathlib.Path(program).read_text(encoding="utf8").rsplit(CELL, 1)
timed = pathlib.Path(program).with_suffix(".timed.py")
timed.write_text(before + f"\nMARK()\n{CELL}{last}" * int(repeats) + "\nMARK()\n", encoding="utf8")

marks, out = [time.perf_counter()], io.StringIO()


class Enough(Exception):
    pass


def mark():
    marks.append(time.perf_counter())
    if len(marks) > 2 and marks[-1] - marks[1] > LONG:
        raise Enough


sys.argv = [str(timed), folder]
with contextlib.redirect_stdout(out), contextlib.suppress(Enough):
    runpy.run_path(str(timed), {"MARK": mark}, "__main__")
loading, *runs = [after - before for before, after in zip(marks, marks[1:])]
print(
    json.dumps(
        {
            "versions": {name: importlib.metadata.version(name) for name in (library, "torch")},
            "threads": torch.get_num_threads(),
            "import": imported,
            "load": loading,
            "seconds": runs,
            "printed": out.getvalue(),
        }
    )
)
