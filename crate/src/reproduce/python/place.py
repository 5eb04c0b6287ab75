# %% Where the model comes from
import hashlib
import pathlib


def where_model_is():
    """The folder that is named here or as the script's argument, else the hub's repository."""
    folder = MODEL_FOLDER
    if "ipykernel" not in sys.modules and len(sys.argv) > 1:
        folder = sys.argv[1]
    if folder is None and HUB is None:
        sys.exit("give the folder with config.json, tokenizer.json and model.safetensors, or set MODEL_FOLDER")
    if folder is None:
        return HUB
    for name, expected in SHA256.items():
        path = pathlib.Path(folder) / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"
        if found != expected:
            print(f"warning: {name} is not Patchbay's: SHA-256 {found}, expected {expected}")
    return folder
