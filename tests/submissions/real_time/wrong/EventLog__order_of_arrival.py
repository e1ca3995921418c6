# task: EventLog
# outcome: wrong
# misconception: replays_as_arrived
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return [event for event in self.events if event[1] >= from_time]
