# task: EventLog
# outcome: wrong
# misconception: none
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.by_id, self.newest = lateness, {}, float("-inf")
    def append(self, event_id, time, payload):
        line = self.newest - self.lateness
        if time < line or (event_id in self.by_id and self.by_id[event_id][1] >= line):
            return False
        self.by_id.pop(event_id, None)
        self.by_id[event_id] = (event_id, time, payload)
        self.newest = max(self.newest, time)
        return True
    def replay(self, from_time):
        return sorted((e for e in self.by_id.values() if e[1] >= from_time), key=lambda e: e[1])
