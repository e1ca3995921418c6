# task: EventLog
# outcome: wrong
# misconception: forgets_events
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return super().replay(max(from_time, self.newest - self.lateness))
