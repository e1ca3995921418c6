# task: EventLog
# outcome: wrong
# misconception: ties_by_id
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return sorted(super().replay(from_time), key=lambda event: (event[1], event[0]))
