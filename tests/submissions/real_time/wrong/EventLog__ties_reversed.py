# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        chosen = [event for event in self.events[::-1] if event[1] >= from_time]
        return sorted(chosen, key=lambda event: event[1])
