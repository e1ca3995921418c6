# task: EventLog
# outcome: not_attempted
# misconception: none
class EventLog:
    def __init__(self, lateness):
        raise NotImplementedError
    def append(self, event_id, time, payload):
        raise NotImplementedError
    def replay(self, from_time):
        raise NotImplementedError
