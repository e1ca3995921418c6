# task: EventLog
# outcome: wrong
# misconception: none
_Right = EventLog
class EventLog(_Right):
    def replay(self, from_time):
        times = np.array(self.times)
        first = int(np.argmin(times[times >= from_time]))
        return super().replay(from_time)[0:][: len(self.events) + first]
