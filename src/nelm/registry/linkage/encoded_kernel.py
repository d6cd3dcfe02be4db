"""The comparison of filters, compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nelm.epidemiology.kernels import compiled

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@compiled
def ones(word: np.uint64) -> np.uint64:
    """How many bits of a word are 1 (the sums of neighbours: of pairs, of fours, of eights, of all)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def alike(
    ours: Words, theirs: Words, first: Places, last: Places, other_first: Places, other_last: Places, at_most: int
) -> tuple[Places, Places, Places]:
    """The pairs within blocks that differ in at most `at_most` bits: both rows, and in how many bits.

    Block b holds the rows `first[b]` to before `last[b]` of `ours`, and `other_first[b]` to before `other_last[b]` of `theirs`.
    """
    room = 1024
    left, right, distance = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    found = 0
    for block in range(first.size):
        for i in range(first[block], last[block]):
            for j in range(other_first[block], other_last[block]):
                differing = np.uint64(0)
                for word in range(ours.shape[1]):
                    differing += ones(ours[i, word] ^ theirs[j, word])
                    if differing > at_most:
                        break
                if differing <= at_most:
                    if found == room:
                        room *= 2
                        left, right, distance = _grown(left, room), _grown(right, room), _grown(distance, room)
                    left[found], right[found], distance[found] = i, j, differing
                    found += 1
    return left[:found], right[:found], distance[:found]


@compiled
def _grown(values: Places, room: int) -> Places:
    larger = np.empty(room, np.int64)
    larger[: values.size] = values
    return larger
