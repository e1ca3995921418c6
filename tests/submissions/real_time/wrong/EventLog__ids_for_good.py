# task: EventLog
# outcome: wrong
# misconception: never_forgets_ids
class EventLog:
    def __init__(self, lateness):
        self.lateness, self.log, self.ids, self.newest = lateness, [], set(), float("-inf")
    def append(self, event_id, time, payload):
        if event_id in self.ids or time < self.newest - self.lateness:
            return False
        self.ids.add(event_id)
        self.newest = max(self.newest, time)
        self.log.append((event_id, time, payload))
        return True
    def replay(self, from_time):
        return sorted((e for e in self.log if e[1] >= from_time), key=lambda e: e[1])
