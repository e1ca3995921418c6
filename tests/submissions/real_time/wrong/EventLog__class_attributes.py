# task: EventLog
# outcome: wrong
# misconception: shared_state
class EventLog:
    log, known, newest = [], {}, float("-inf")
    def __init__(self, lateness):
        self.lateness = lateness
    def append(self, event_id, time, payload):
        line = self.newest - self.lateness
        if time < line or (event_id in self.known and self.known[event_id] >= line):
            return False
        self.log.append((event_id, time, payload))
        self.known[event_id] = time
        self.newest = max(self.newest, time)
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
