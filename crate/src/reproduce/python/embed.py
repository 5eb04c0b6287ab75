# %% The tokens whose embeddings are nearest
AT_ONCE = 512  # fewer where memory is short


def units(tokens):
    """Embeddings of length 1, by space. (token, d_model) each"""
    spaces = effective_embeddings(tokens) | {"W_U": W_U.T[tokens]}
    return {space: x / x.norm(dim=-1, keepdim=True) for space, x in spaces.items()}


sought, cosines = units([of["token"] for of in FOUND["nearest"]]), {}
for first in range(0, CONFIG.vocab_size, AT_ONCE):
    for space, x in units(list(range(first, min(first + AT_ONCE, CONFIG.vocab_size)))).items():
        cosines.setdefault(space, []).append(sought[space] @ x.T)

rows = []
for number, of in enumerate(FOUND["nearest"]):
    for of_space in of["spaces"]:
        space, tokens = of_space["space"], of_space["tokens"]
        here = torch.cat(cosines[space], 1)[number].topk(len(tokens)).values.tolist()
        for cosine, near in zip(here, tokens, strict=True):
            rows.append((f"{space} of {of['text']!a}: {near['text']!a}", cosine, near["cosine"]))
print("cosines of the nearest embeddings")
show(rows)
