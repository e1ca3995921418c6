# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    s = {"n": 0, "total": 0.0, "m": 0.0, "low": 0.0}
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
    def update(self, x):
        s = self.s
        s["n"] += 1
        s["total"] += x
        s["m"] += x - s["total"] / s["n"] - self.delta
        s["low"] = min(s["low"], s["m"])
        alarm = s["n"] >= self.min_instances and s["m"] - s["low"] > self.threshold
        if alarm:
            s.update(n=0, total=0.0, m=0.0, low=0.0)
        return alarm
