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
    return {"p50": float(0.0), "p95": float(0.0), "p99": float(0.0), "throughput": float(0.0)}
