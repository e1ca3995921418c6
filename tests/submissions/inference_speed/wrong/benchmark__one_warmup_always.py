# task: benchmark
# outcome: wrong
# misconception: none
import numpy as np
def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    spent = []
    for _ in range(max(1, warmup)):
        call()
    for _ in range(repeats):
        begin = clock()
        call()
        spent.append(clock() - begin)
    total = sum(spent)
    return {"p50": float(np.percentile(spent, 50)), "p95": float(np.percentile(spent, 95)), "p99": float(np.percentile(spent, 99)), "throughput": float(float("inf") if total == 0 else repeats / total)}
