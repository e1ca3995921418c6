# task: fuse_rankings
# outcome: timed_out
# misconception: none
def fuse_rankings(rankings, weights, k=60):
    while True:
        pass
