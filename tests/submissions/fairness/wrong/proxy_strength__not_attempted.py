# task: proxy_strength
# outcome: not_attempted
# misconception: none
def proxy_strength(X, attribute, households, rng):
    raise NotImplementedError()
