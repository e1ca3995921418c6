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
    return {"p50": float(np.interp(50 / 100 * (repeats - 1), np.arange(repeats), spent)), "p95": float(np.interp(95 / 100 * (repeats - 1), np.arange(repeats), spent)), "p99": float(np.interp(99 / 100 * (repeats - 1), np.arange(repeats), spent)), "throughput": float(float("inf") if total == 0 else repeats / total)}
