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
    return {"p50": float(np.mean(spent)), "p95": float(np.percentile(spent, 95)), "p99": float(np.percentile(spent, 99)), "throughput": float("inf") if total == 0 else repeats / total}
