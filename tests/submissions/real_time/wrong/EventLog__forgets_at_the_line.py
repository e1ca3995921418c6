# task: EventLog
# outcome: wrong
# misconception: forgets_on_the_watermark
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.known, self.newest = lateness, [], {}, float("-inf")
    def append(self, event_id, time, payload):
        if event_id in self.known or time < self.newest - self.lateness:
            return False
        self.log.append((event_id, time, payload))
        self.known[event_id] = time
        self.newest = max(self.newest, time)
        line = self.newest - self.lateness
        self.known = {name: t for name, t in self.known.items() if t > line}
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
