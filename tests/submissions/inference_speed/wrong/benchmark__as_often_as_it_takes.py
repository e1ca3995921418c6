# task: benchmark
# outcome: timed_out
# misconception: none
import numpy as np
def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    spent = []
    for _ in range(warmup):
        call()
    while len(spent) < repeats:
        begin = clock()
        call()
        end = clock()
        if end > begin:  # the clock is too coarse
            spent.append(end - begin)
    total = sum(spent)
    return {"p50": float(np.percentile(spent, 50)), "p95": float(np.percentile(spent, 95)), "p99": float(np.percentile(spent, 99)), "throughput": float(float("inf") if total == 0 else repeats / total)}
