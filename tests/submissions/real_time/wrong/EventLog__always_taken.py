# task: EventLog
# outcome: wrong
# misconception: duplicates_counted
class EventLog:
    def __init__(self, lateness):
        self.log = []
    def append(self, event_id, time, payload):
        self.log.append((event_id, time, payload))
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
