# task: EventLog
# outcome: wrong
# misconception: no_watermark
_Right = EventLog
class EventLog(_Right):
    def __init__(self, lateness):
        super().__init__(2 * lateness)
