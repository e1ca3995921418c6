# task: EventLog
# outcome: wrong
# misconception: no_watermark
class EventLog:
    def __init__(self, lateness):
        self.log = {}
    def append(self, event_id, time, payload):
        if event_id in self.log:
            return False
        self.log[event_id] = (event_id, time, payload)
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log.values() if e[1] >= from_time), key=lambda e: e[1])
