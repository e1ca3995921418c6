"""The door of nbgrader: what `nbgrader_config.py` plugs into its pipeline, and the course's set-up.

files         which files travel from step to step
submissions   what is handed in, read safely and put back into the release's cells
grades        verdicts as points, tables and comments in the gradebook
pages         what formgrader and feedback show: no script of a learner, no hidden text
set_up        makes a fresh clone a course that nbgrader can run
"""
