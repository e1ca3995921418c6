# task: EventLog
# outcome: wrong
# misconception: none
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.known, self.newest = lateness, [], {}, float("-inf")
    def append(self, event_id, time, payload):
        line = self.newest - self.lateness
        is_known = event_id in self.known and self.known[event_id] >= line
        self.known[event_id] = max(time, self.known.get(event_id, time), self.newest)
        if is_known or time < line:
            return False
        self.newest = max(time, self.newest)
        self.log.append((event_id, time, payload))
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
