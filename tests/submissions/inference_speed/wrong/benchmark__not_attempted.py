# task: benchmark
# outcome: not_attempted
# misconception: none
def benchmark(call, clock, warmup, repeats):
    raise NotImplementedError
