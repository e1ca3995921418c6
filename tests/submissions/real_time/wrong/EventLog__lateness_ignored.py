# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def __init__(self, lateness):
        super().__init__(0.0)
