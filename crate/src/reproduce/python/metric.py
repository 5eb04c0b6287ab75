# %% What a run is judged by, at END


def metric_of(logits, batch, unedited):
    """From the logits at END, (batch, vocab), and for KL those of the unedited run of the same prompts. (batch,)"""
    log_probs = logits.double().log_softmax(-1)
    of = zip(log_probs.exp(), batch.answers, batch.wrong)
    probs = torch.stack([torch.stack([p[right].sum(), p[wrong].sum()]) for p, right, wrong in of])  # (batch, 2)
    if METRIC == "logit_diff":
        pairs = zip(logits, batch.answers, batch.wrong)
        return torch.stack([row[right].mean() - row[wrong].mean() for row, right, wrong in pairs])
    if METRIC == "log_prob":
        return probs[:, 0].log()
    if METRIC == "prob":
        return probs[:, 0]
    if METRIC == "prob_diff":
        return probs[:, 0] - probs[:, 1]
    if METRIC == "kl":
        before = unedited.double().log_softmax(-1)
        return (before.exp() * (before - log_probs)).sum(-1)
    raise ValueError(f"no metric {METRIC}")
