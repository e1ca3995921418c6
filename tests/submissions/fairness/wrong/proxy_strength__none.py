# task: proxy_strength
# outcome: wrong
# misconception: none
def proxy_strength(X, attribute, households, rng):
    pass
