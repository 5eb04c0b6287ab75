# %% nnsight
import importlib.metadata
import sys

VERSION = importlib.metadata.version("nnsight")
if tuple(map(int, VERSION.split(".")[:2])) < (0, 8):
    sys.exit(f"this script needs nnsight 0.8 or newer (written for 0.8.1); here is {VERSION}")
