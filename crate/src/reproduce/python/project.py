# %% Projections


def project(x, directions):
    """The part of x inside the span of directions, by Gram-Schmidt in their order. (..., width)"""
    result, basis = torch.zeros_like(x), []
    for direction in directions:
        for unit in basis:
            direction = direction - unit * (direction * unit).sum(-1, keepdim=True)
        norm = direction.norm(dim=-1, keepdim=True)
        basis.append(torch.where(norm > 1e-4, direction / norm, torch.zeros_like(direction)))
    for unit in basis:
        result = result + unit * (x * unit).sum(-1, keepdim=True)
    return result
