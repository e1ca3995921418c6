# task: DecayedCounter
# outcome: wrong
# misconception: none
_state = {}
class DecayedCounter:
    def __init__(self, half_life):
        _state.update(half_life=half_life, cells={}, newest=float("-inf"))
    def add(self, key, time, amount=1.0):
        _state["newest"] = max(_state["newest"], time)
        value, then = _state["cells"].get(key, (0.0, time))
        last = max(then, time)
        old, new = ((t - last) / _state["half_life"] for t in (then, time))
        _state["cells"][key] = value * 2.0**old + amount * 2.0**new, last
    def value(self, key, time):
        if time < _state["newest"]:
            raise ValueError("the past")
        value, then = _state["cells"].get(key, (0.0, time))
        return value * 2.0 ** ((then - time) / _state["half_life"])
    def top(self, k, time):
        if time < _state["newest"]:
            raise ValueError("the past")
        pairs = [(key, self.value(key, time)) for key in _state["cells"]]
        return sorted(pairs, key=lambda pair: -pair[1])[:k]
