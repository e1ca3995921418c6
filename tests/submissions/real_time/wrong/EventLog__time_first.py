# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return [(time, name, payload) for name, time, payload in super().replay(from_time)]
