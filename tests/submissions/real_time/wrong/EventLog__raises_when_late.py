# task: EventLog
# outcome: error
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        if time < self.newest - self.lateness:
            raise RuntimeError("too late")
        return super().append(event_id, time, payload)
