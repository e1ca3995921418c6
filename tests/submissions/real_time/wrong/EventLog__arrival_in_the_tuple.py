# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return [(*event, i) for i, event in enumerate(super().replay(from_time))]
