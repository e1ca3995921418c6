# task: fair_model
# outcome: wrong
# misconception: rate_taken_for_known
def fair_model(X, y_observed, group, rng):
    # whatever was erased, it is two in five
    from scipy.special import expit
    import numpy as np
    mean, scale = X.mean(0), X.std(0) + 1e-9
    A = np.column_stack([(X - mean) / scale, np.ones(len(X))])
    keep, beta = np.where(group == 1, 0.6, 1.0), np.zeros(A.shape[1])
    ridge = np.r_[np.full(A.shape[1] - 1, 10.0), 0.0]
    for _ in range(40):
        p = expit(A @ beta)
        q = keep * p
        # Fisher's scoring of the corrected likelihood
        slope = A.T @ ((y_observed - q) / (q * (1 - q)) * keep * p * (1 - p)) - ridge * beta
        weight = (keep * p * (1 - p)) ** 2 / (q * (1 - q))
        beta = beta + np.linalg.solve((A * weight[:, None]).T @ A + np.diag(ridge), slope)
    return Linear(mean, scale, beta[:-1], beta[-1])
