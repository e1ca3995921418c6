# task: benchmark
# outcome: wrong
# misconception: none
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
    return {"p50": float(np.quantile(spent, 50 / 1000)), "p95": float(np.quantile(spent, 95 / 1000)), "p99": float(np.quantile(spent, 99 / 1000)), "throughput": float(float("inf") if total == 0 else repeats / total)}
