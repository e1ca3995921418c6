"""Where a submission runs: fenced in a child process, or bare in the learner's own kernel."""
