# %% Edited runs


def measure(batch, tokens, edits=(), unedited=None):
    """The metric of each run. `unedited`: the tokens that KL is told from. (batch,)"""
    if METRIC.startswith("attn_score_diff"):
        layer, head = map(int, METRIC[len("attn_score_diff[") : -1].split("."))
        return io_minus_s1(scores_at_end(tokens, layer, edits), batch)[:, head]
    before = run(tokens if unedited is None else unedited)[0] if METRIC == "kl" else None
    return metric_of(run(tokens, edits)[0], batch, before)
