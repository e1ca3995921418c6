# task: live_model
# outcome: wrong
# misconception: shared_state
class _Shared(_Live):
    homes = {}
    def __init__(self):
        super().__init__()
        del self.homes
def live_model():
    return _Shared()
