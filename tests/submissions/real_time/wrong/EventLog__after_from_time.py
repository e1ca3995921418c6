# task: EventLog
# outcome: wrong
# misconception: replay_leaves_out_from_time
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        return [event for event in super().replay(from_time) if event[1] != from_time]
