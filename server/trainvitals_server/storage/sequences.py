"""A set of sequences as intervals: which reports of a writer are stored."""

from bisect import bisect_right


class Sequences:
    """Whole numbers kept as inclusive intervals; one interval as long as they come in order."""

    def __init__(self, intervals: list[list[int]]) -> None:
        self.intervals = [list(interval) for interval in intervals]

    def __contains__(self, sequence: int) -> bool:
        place = self._before(sequence)
        return place >= 0 and sequence <= self.intervals[place][1]

    def add(self, sequence: int) -> None:
        """Add one number; neighbours grow together."""
        if sequence in self:
            return
        place = self._before(sequence)
        self.intervals.insert(place + 1, [sequence, sequence])
        self._join(place + 1)
        if place >= 0:
            self._join(place)

    def _before(self, sequence: int) -> int:
        return bisect_right(self.intervals, sequence, key=lambda interval: interval[0]) - 1

    def _join(self, place: int) -> None:
        if place + 1 < len(self.intervals) and self.intervals[place][1] + 1 == self.intervals[place + 1][0]:
            self.intervals[place][1] = self.intervals.pop(place + 1)[1]
