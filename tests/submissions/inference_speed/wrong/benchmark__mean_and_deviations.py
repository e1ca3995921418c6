# task: benchmark
# outcome: wrong
# misconception: mean_for_percentile
import numpy as np
def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    spent = []
    for _ in range(warmup):
        call()
    for _ in range(repeats):
        begin = clock()
        call()
        spent.append(clock() - begin)
    total = sum(spent)
    m, s = np.mean(spent), np.std(spent)
    return {"p50": float(m), "p95": float(m + 1.645 * s), "p99": float(m + 2.326 * s), "throughput": float("inf") if total == 0 else repeats / total}
