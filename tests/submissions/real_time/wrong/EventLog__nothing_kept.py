# task: EventLog
# outcome: wrong
# misconception: none
class EventLog:
    def __init__(self, lateness):
        pass
    def append(self, event_id, time, payload):
        return False
    def replay(self, from_time):
        return []
