# task: EventLog
# outcome: wrong
# misconception: watermark_refuses_equal
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        if self.events and time <= self.newest - self.lateness and self.lateness >= 0:
            return False
        return super().append(event_id, time, payload)
