"""Which pipes of a net lie on no circle: for `nelm.cohort.suppression`.

A pipe that can carry more may be passed along, one that can carry less against its direction. To and fro through one pipe is
no circle. A pipe that can be passed in one direction lies on a circle where its ends can reach one another; one that can be
passed in both directions lies on one where, besides, the part of the net whose nodes reach one another holds together
without it. (If no way were left between its ends, in either direction, everything in that part hung on one of the two.)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

Node = Hashable


@dataclass(frozen=True)
class Pipe:
    """A count that is held back, between two nodes; whether it could be one more, and one fewer."""

    number: int
    source: Node
    target: Node
    can_rise: bool
    can_fall: bool

    @property
    def both_ways(self) -> bool:
        return self.can_rise and self.can_fall


def without_circle(pipes: Sequence[Pipe]) -> list[int]:
    """The numbers of the pipes through which no circle runs, in order."""
    part = _parts(pipes)
    inside = [pipe for pipe in pipes if part[pipe.source] == part[pipe.target]]
    bridges = _bridges(inside)
    on_circle = {pipe.number for pipe in inside if (pipe.can_rise or pipe.can_fall) and not (pipe.both_ways and pipe.number in bridges)}
    return [pipe.number for pipe in pipes if pipe.number not in on_circle]


def _parts(pipes: Sequence[Pipe]) -> dict[Node, int]:
    """For each node the part of the net in which all nodes reach one another (Kosaraju's two walks)."""
    ahead: dict[Node, list[Node]] = {}
    back: dict[Node, list[Node]] = {}
    for pipe in pipes:
        for source, target, passable in ((pipe.source, pipe.target, pipe.can_rise), (pipe.target, pipe.source, pipe.can_fall)):
            ahead.setdefault(source, [])
            back.setdefault(source, [])
            if passable:
                ahead[source].append(target)
                back.setdefault(target, []).append(source)
    left: list[Node] = []
    seen: set[Node] = set()
    for node in ahead:
        left.extend(_left_last(node, ahead, seen))
    part: dict[Node, int] = {}
    reached: set[Node] = set()
    for number, node in enumerate(reversed(left)):
        part |= dict.fromkeys(_left_last(node, back, reached), number)
    return part


def _left_last(start: Node, ways: dict[Node, list[Node]], seen: set[Node]) -> Iterator[Node]:
    """All nodes that a walk from `start` comes to first, each after those behind it."""
    if start in seen:
        return
    seen.add(start)
    walk = [(start, iter(ways[start]))]
    while walk:
        node, others = walk[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            walk.pop()
            yield node
        else:
            seen.add(following)
            walk.append((following, iter(ways[following])))


def _bridges(pipes: Sequence[Pipe]) -> set[int]:
    """The pipes without which the net falls apart, whatever can flow in them (Tarjan's low points)."""
    touching: dict[Node, list[tuple[Node, int]]] = {}
    for pipe in pipes:
        touching.setdefault(pipe.source, []).append((pipe.target, pipe.number))
        touching.setdefault(pipe.target, []).append((pipe.source, pipe.number))
    reached: dict[Node, int] = {}
    found: set[int] = set()
    for start in touching:
        if start not in reached:
            found |= _bridges_from(start, touching, reached)
    return found


def _bridges_from(start: Node, touching: dict[Node, list[tuple[Node, int]]], reached: dict[Node, int]) -> set[int]:
    lowest: dict[Node, int] = {}
    found: set[int] = set()
    reached[start] = lowest[start] = len(reached)
    walk: list[tuple[Node, int | None, Iterator[tuple[Node, int]]]] = [(start, None, iter(touching[start]))]
    while walk:
        node, came_by, others = walk[-1]
        step = next(others, None)
        if step is None:
            walk.pop()
            if walk and came_by is not None:
                before = walk[-1][0]
                lowest[before] = min(lowest[before], lowest[node])
                if lowest[node] > reached[before]:
                    found.add(came_by)
        elif step[1] == came_by:
            continue
        elif step[0] in reached:
            lowest[node] = min(lowest[node], reached[step[0]])
        else:
            reached[step[0]] = lowest[step[0]] = len(reached)
            walk.append((step[0], step[1], iter(touching[step[0]])))
    return found
