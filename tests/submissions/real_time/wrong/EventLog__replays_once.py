# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        result = super().replay(from_time)
        self.events = [event for event in self.events if event[1] < from_time]
        self.times = [event[1] for event in self.events]
        return result
