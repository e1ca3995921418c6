# task: EventLog
# outcome: error
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        rows = sorted((time, {"payload": payload}, name) for name, time, payload in self.events)
        return [(name, time, row["payload"]) for time, row, name in rows if time >= from_time]
