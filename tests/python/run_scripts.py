"""Runs generated programs one after the other in one process, so that their libraries are imported once.

    python run_scripts.py MODEL_FOLDER FILE.py|FILE.ipynb ...

Prints one JSON object: of each file by its path what it printed, with its error at the end if it had one.
"""

import contextlib
import io
import json
import runpy
import sys
import traceback

folder, *files = sys.argv[1:]


def program(path):
    """Of a notebook its code cells one after the other. In a file of their own: nnsight reads a trace's source."""
    if not path.endswith(".ipynb"):
        return path
    with open(path, encoding="utf8") as file:
        cells = json.load(file)["cells"]
    with open(f"{path}.py", "w", encoding="utf8") as file:
        file.write("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    return f"{path}.py"


printed = {}
for path in files:
    out, sys.argv = io.StringIO(), [path, folder]
    with contextlib.redirect_stdout(out):
        try:
            runpy.run_path(program(path), run_name="__main__")
        except BaseException:
            traceback.print_exc(file=out)
    printed[path] = out.getvalue()
print(json.dumps(printed))
