# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return super().replay(from_time)[::-1]
