"""What a user would pick instead of our search, measured beside it: `python -m eval.baselines`.

Every system gets the same passages and the same questions in one run. Not covered: systems that
need a network or a key, and the answers that a generator would write of what is found.
"""
