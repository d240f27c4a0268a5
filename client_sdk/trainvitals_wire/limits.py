"""Every bound on what crosses the wire, in one place, so that both sides refuse the same things."""

REPORT_BYTES_MAX = 16 * 2**20
"""Largest body of `POST /runs/{id}/reports`, as sent."""

REPORT_UNPACKED_BYTES_MAX = 64 * 2**20
"""Largest report once decompressed: a small body must not grow into all of the memory."""

JSON_BYTES_MAX = 4 * 2**20
"""Largest JSON body of any other route."""

STEP_MAX = 2**53
"""Largest step: the last integer that JSON and JavaScript read exactly."""

COUNT_MAX = 2**48
"""Most values in one bucket of a histogram: far beyond any tensor, and 32,768 of them still add up in 64 bits."""

KEY_LENGTH_MAX = 512
"""Longest series key or layer name, in characters."""

NAME_LENGTH_MAX = 256
"""Longest run, project, group or tag name, in characters."""

FRAME_SERIES_MAX = 65_536
"""Most series in one frame."""

FRAME_STEPS_MAX = 65_536
"""Most steps in one frame."""

DATA_POINTS_MAX = 20_000
"""Most buckets a series that one `data` request may ask for."""

DATA_KEYS_MAX = 5_000
"""Most series that one `data` request may ask for."""

DATA_RUNS_MAX = 1_000
"""Most runs that one request may ask for together."""

HISTOGRAM_COLUMNS_MAX = 2_000
"""Most time columns of one histogram or heat map request."""
