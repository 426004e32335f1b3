"""From jobs and runs to a plan; pure: nothing here reads a file, asks the service or looks at the clock.

`planner` makes the plan from one `situation` for each job, and `decisions` holds the table that decides. What
a field or a run means is known below: `fields`, `marks`, `fingerprints`, `ownership`, `history`, `diff`. What
is told of a plan is above: `reasons`, `limits`, `orphans`, `plan_warnings`, `visibility`.
"""
