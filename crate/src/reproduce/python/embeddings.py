# %% Effective embeddings


def effective_embeddings(tokens):
    """What tokens by themselves are to the layers above layer 0, by name. (token, d_model) each"""
    whole, mlp = layer_0_alone(tokens)
    return {"W_E (no MLPs)": W_E[tokens], "W_E (including MLPs)": whole, "W_E (only MLPs)": mlp}
