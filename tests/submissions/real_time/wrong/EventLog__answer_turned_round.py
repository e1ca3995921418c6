# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        return not super().append(event_id, time, payload)
