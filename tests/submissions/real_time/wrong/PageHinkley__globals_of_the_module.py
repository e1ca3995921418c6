# task: PageHinkley
# outcome: wrong
# misconception: shared_state
_state = {}
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        _state.update(delta=delta, threshold=threshold, min_instances=min_instances)
        _state.update(n=0, total=0.0, m=0.0, low=0.0)
    def update(self, x):
        s = _state
        s["n"] += 1
        s["total"] += x
        s["m"] += x - s["total"] / s["n"] - s["delta"]
        s["low"] = min(s["low"], s["m"])
        alarm = s["n"] >= s["min_instances"] and s["m"] - s["low"] > s["threshold"]
        if alarm:
            s.update(n=0, total=0.0, m=0.0, low=0.0)
        return alarm
