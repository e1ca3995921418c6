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
    return {"p50": f"{np.percentile(spent, 50):.6f}", "p95": f"{np.percentile(spent, 95):.6f}", "p99": f"{np.percentile(spent, 99):.6f}", "throughput": "inf" if total == 0 else f"{repeats / total:.6f}"}
