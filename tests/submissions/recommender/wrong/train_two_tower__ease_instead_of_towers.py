# task: train_two_tower
# outcome: wrong
# misconception: loss_not_used
import numpy as np
import torch
class Model:
    pass
def train_two_tower(data, loss, epochs, rng):
    # a closed form, squeezed to 256 columns; the loss is called and forgotten
    X = np.zeros((data["n_households"], data["n_items"]))
    np.add.at(X, (data["household"], data["item"]), 1.0)
    X = np.log1p(X)
    P = np.linalg.inv(X.T @ X + 3000 * np.eye(X.shape[1]))
    B = -P / np.diag(P)
    np.fill_diagonal(B, 0.0)
    U, s, V = np.linalg.svd(X @ B, full_matrices=False)
    few = torch.zeros(4, 2, requires_grad=True)
    loss(few, few, torch.arange(4), torch.log(torch.tensor([0.1, 0.2, 0.3, 0.4])), 1.0)
    model = Model()
    noise = 1e-4 * rng.normal(size=(data["n_households"], 256))
    model.user_vectors, model.item_vectors = U[:, :256] * s[:256] + noise, V[:256].T.copy()
    return model
