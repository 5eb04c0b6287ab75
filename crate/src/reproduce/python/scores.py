# %% END's attention scores


def scores_at_end(tokens, layer, edits=()):
    """Of all heads of a layer. (batch, head, key)"""
    return run(tokens, edits, [(layer, "attn_scores")])[1][layer, "attn_scores"][:, -1]


def io_minus_s1(scores, batch):
    """The score of IO minus that of S1. (batch, head)"""
    row = torch.arange(len(scores))
    return scores[row, :, batch.role("IO")] - scores[row, :, batch.role("S1")]
