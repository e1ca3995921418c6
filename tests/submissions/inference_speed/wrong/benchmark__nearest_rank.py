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
    return {"p50": float(sorted(spent)[max(0, int(np.ceil(50 / 100 * repeats)) - 1)]), "p95": float(sorted(spent)[max(0, int(np.ceil(95 / 100 * repeats)) - 1)]), "p99": float(sorted(spent)[max(0, int(np.ceil(99 / 100 * repeats)) - 1)]), "throughput": float(float("inf") if total == 0 else repeats / total)}
