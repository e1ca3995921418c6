# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        first = next((i for i, t in enumerate(self.times) if t >= from_time), len(self.times))
        return sorted(self.events[first:], key=lambda event: event[1])
