# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        taken = super().append((event_id, repr(payload)), time, payload)
        if taken:
            self.events[-1] = (event_id, time, payload)
        return taken
