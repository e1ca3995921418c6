# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def append(self, event_id, time, payload):
        taken = super().append(event_id, time, payload)
        if not taken and time >= self.newest - self.lateness:
            self.events.append((event_id, time, payload))
            self.times.append(time)
        return taken
