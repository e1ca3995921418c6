# task: EventLog
# outcome: timed_out
# misconception: none
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.ids, self.newest = lateness, [], {}, float("-inf")
    def append(self, event_id, time, payload):
        if event_id in self.ids or time < self.newest - self.lateness:
            return False
        self.log.append((event_id, time, payload))
        self.ids[event_id] = time
        self.newest = max(self.newest, time)
        oldest = min(self.ids, key=self.ids.get)
        while self.ids[oldest] <= self.newest:
            oldest = min(self.ids, key=self.ids.get)
        del self.ids[oldest]
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
