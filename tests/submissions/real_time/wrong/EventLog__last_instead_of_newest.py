# task: EventLog
# outcome: wrong
# misconception: watermark_from_last_event
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.known, self.last = lateness, [], {}, float("-inf")
    def append(self, event_id, time, payload):
        line = self.last - self.lateness
        if time < line or self.known.get(event_id, float("-inf")) >= line > float("-inf"):
            return False
        self.log.append((event_id, time, payload))
        self.known[event_id] = self.last = time
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
