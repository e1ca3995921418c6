# task: EventLog
# outcome: wrong
# misconception: refused_events_move_the_watermark
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.known, self.newest = lateness, [], {}, None
    def append(self, event_id, time, payload):
        before = time if self.newest is None else self.newest
        self.newest = max(before, time)
        line = before - self.lateness
        is_known = event_id in self.known and self.known[event_id] >= line
        if is_known or time < line:
            return False
        self.known[event_id] = time
        self.log.append((event_id, time, payload))
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
