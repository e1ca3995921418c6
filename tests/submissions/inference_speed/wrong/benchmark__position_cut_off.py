# task: benchmark
# outcome: wrong
# misconception: no_interpolation
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
    return {"p50": float(sorted(spent)[min(repeats - 1, int(50 / 100 * repeats))]), "p95": float(sorted(spent)[min(repeats - 1, int(95 / 100 * repeats))]), "p99": float(sorted(spent)[min(repeats - 1, int(99 / 100 * repeats))]), "throughput": float(float("inf") if total == 0 else repeats / total)}
