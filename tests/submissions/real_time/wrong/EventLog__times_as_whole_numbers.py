# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        return super().append(event_id, int(time), payload)
