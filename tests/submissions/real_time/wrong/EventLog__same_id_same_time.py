# task: EventLog
# outcome: wrong
# misconception: duplicate_by_time_too
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.known, self.newest = lateness, [], {}, float("-inf")
    def append(self, event_id, time, payload):
        line = self.newest - self.lateness
        if time < line or self.known.get(event_id) == time:
            return False
        self.log.append((event_id, time, payload))
        self.known[event_id] = time
        self.newest = max(self.newest, time)
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
