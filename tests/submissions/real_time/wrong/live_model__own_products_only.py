# task: live_model
# outcome: wrong
# misconception: none
class _Own(_Live):
    def predict(self, time, household):
        own = self.homes.get(household, ({}, None, []))[2]
        return [item for item in super().predict(time, household) if self.codes[item] in set(own)]
def live_model():
    return _Own()
