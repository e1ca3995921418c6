# task: EventLog
# outcome: wrong
# misconception: none
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.newest = lateness, [], float("-inf")
    def append(self, event_id, time, payload):
        if self.log and self.log[-1][0] == event_id or time < self.newest - self.lateness:
            return False
        self.newest = max(self.newest, time)
        self.log.append((event_id, time, payload))
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
