# task: group_gaps
# outcome: wrong
# misconception: missing_rate_is_zero
def group_gaps(y_true, y_pred, group):
    names = sorted(set(group.tolist()))
    def gap(hit, keep):
        rates = []
        for name in names:
            rows = keep & (group == name)
            rates.append(hit[rows].sum() / max(rows.sum(), 1))
        return max(rates) - min(rates) if rates else float("nan")
    y, d = y_true.astype(bool), y_pred.astype(bool)
    t, f = gap(d, y), gap(d, ~y)
    return {"demographic_parity": gap(d, y == y), "equal_opportunity": t, "equalized_odds": max(t, f),
            "accuracy": gap(d == y, y == y)}
