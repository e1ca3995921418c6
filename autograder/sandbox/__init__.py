"""Where a submission's code runs: fenced in a child process, or bare in the learner's own kernel."""
