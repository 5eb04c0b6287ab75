# %% TransformerLens
import importlib.metadata
import sys

VERSION = importlib.metadata.version("transformer-lens")
if int(VERSION.split(".")[0]) < 3:
    sys.exit(f"this script needs transformer-lens 3 or 4 (written for 4.3.0, tried on 3.9.0); here is {VERSION}")
