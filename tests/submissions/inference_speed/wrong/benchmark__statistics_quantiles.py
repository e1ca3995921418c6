# task: benchmark
# outcome: wrong
# misconception: none
import statistics
def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats")
    for _ in range(warmup):
        call()
    spent = []
    for _ in range(repeats):
        begin = clock()
        call()
        spent.append(clock() - begin)
    cuts = statistics.quantiles(spent, n=100, method="exclusive") if repeats > 1 else spent * 99
    total = sum(spent)
    return {"p50": float(cuts[49]), "p95": float(cuts[94]), "p99": float(cuts[98]), "throughput": float("inf") if total == 0 else repeats / total}
