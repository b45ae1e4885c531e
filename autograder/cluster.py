"""Grading on the nodes of a Ray cluster: the same interface as autograder.pool, and the same results.

Ray places and moves; this module decides what is sent where, and how often. Each node runs its own sandbox. A node
that is lost costs its submissions another try elsewhere, and each result is handed on once.
"""

from __future__ import annotations

import os
import select
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from autograder import __version__, grading, node, notebook, parcel
from autograder.connection import connect
from autograder.errors import ClusterError, Interrupted, NoSandboxError, UsageError
from autograder.job import Job
from autograder.pool import GRADE, lost
from autograder.result import Result

# Submissions that a node has in hand for each of its CPUs: one that it grades, and one so that it need not wait.
AHEAD = 2
TRIES = 4  # of a submission whose process or node was lost each time
ASKS = 3  # of a node that is there but does not say whether it can grade
ASK_SECONDS = 180.0
# Beyond what a node's Pool allows twice, and as long again in its queue: only a process that itself hangs.
HARD_SECONDS = 4_000.0
TICK_SECONDS = 0.2
LOOK_SECONDS = 2.0
# How long to wait when no node is left: a container that ended takes as long to come back.
PATIENCE_SECONDS = 60.0


@dataclass(eq=False)
class Node:
    """id: Ray's; name: as people are told; cpus: as many submissions it grades at a time; busy: what it has in hand;
    end: when its answer to the first question is overdue."""

    id: str
    name: str
    cpus: int
    busy: int = 0
    end: float = 0.0


@dataclass(frozen=True)
class Sent:
    """A job that a node has. tries: this one counted; end: from then on it hangs."""

    job: Job
    tries: int
    node: Node
    end: float


@dataclass
class Cluster:
    """The nodes that can grade. Use as a context manager: entering it connects, leaving it ends what still runs.

    address: HOST:PORT, or "auto" for the cluster that runs on this machine; jobs: submissions in hand at a time, None
    for what keeps every CPU busy; run_code: whether a sandbox is needed; tell: takes a sentence for people; grade,
    stop: see Pool. Entering raises UsageError, or NoSandboxError when no node has a sandbox.
    """

    address: str
    jobs: int | None = None
    run_code: bool = True
    sandbox: str | None = None
    unsafe: bool = False
    tell: Callable[[str], None] = print
    grade: str = GRADE
    stop: int | None = None
    _nodes: dict[str, Node] = field(default_factory=dict)
    _asked: dict[Any, Node] = field(default_factory=dict)
    _asks: Counter[str] = field(default_factory=Counter)
    _refused: dict[str, str] = field(default_factory=dict)
    _sent: dict[Any, Sent] = field(default_factory=dict)
    _again: deque[tuple[Job, int]] = field(default_factory=deque)
    _next_look: float = 0.0
    _last_seen: float = 0.0

    def __enter__(self) -> Self:
        self._ray = connect(self.address)
        try:
            self._describe = self._ray.remote(num_cpus=0, max_retries=0)(node.describe)
            self._grade = self._ray.remote(num_cpus=1, max_retries=0)(node.grade)
            self._look()
            while self._asked:
                self._wait([*self._asked])
            self._check_found()
        except BaseException:
            self._ray.shutdown()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()  # and with it, on every node, what works for this process

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
        """Grade jobs. A job is drawn, and its file read, when a node has room for it; results come as they are ready.

        Raises Interrupted when `stop` says so; ClusterError, or NoSandboxError, when no node is left.
        """
        waiting = iter(jobs)
        while True:
            yield from self._hand_out(waiting)
            if not self._sent and self._room() is not None:
                return
            for ref in self._wait([*self._sent, *self._asked]):
                yield from self._take(ref)
            if time.monotonic() >= self._next_look:
                self._look()
                yield from self._overdue()

    def _hand_out(self, waiting: Iterator[Job]) -> Iterator[tuple[Job, Result]]:
        """Send jobs as long as there is room. Yields the results of those whose file cannot be read."""
        while (to := self._room()) is not None:
            job, tries = self._again.popleft() if self._again else (next(waiting, None), 0)
            if job is None:
                return
            began = time.monotonic()
            try:
                sent = parcel.pack(job, notebook.load(Path(job.path)))
            except notebook.InvalidSubmission as reason:
                yield job, grading.invalid(job, reason, began)
                continue
            ref = self._grade.options(scheduling_strategy=self._on(to)).remote(sent, self.grade)
            self._sent[ref] = Sent(job, tries + 1, to, began + HARD_SECONDS)
            to.busy += 1

    def _room(self) -> Node | None:
        """The node that has least in hand, if it may have more."""
        if self.jobs is not None and len(self._sent) >= self.jobs:
            return None
        free = [one for one in self._nodes.values() if one.busy < AHEAD * one.cpus]
        return min(free, key=lambda one: one.busy / one.cpus, default=None)

    def _on(self, one: Node) -> Any:
        return self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(one.id, soft=False)

    def _wait(self, refs: list[Any]) -> list[Any]:
        """A submission that came back, if one does within a moment; sees to nodes that answer. Raises Interrupted."""
        ready: list[Any] = []
        if refs:
            ready, _ = self._ray.wait(refs, num_returns=1, timeout=TICK_SECONDS)
        else:
            time.sleep(TICK_SECONDS)
        if self.stop is not None and select.select([self.stop], [], [], 0)[0]:
            raise Interrupted(os.read(self.stop, 1)[0])
        for ref in [ref for ref in self._asked if ref in ready or time.monotonic() >= self._asked[ref].end]:
            self._answered(ref, ref in ready)
        return [ref for ref in ready if ref in self._sent]

    def _take(self, ref: Any) -> Iterator[tuple[Job, Result]]:
        """The result of a submission that came back; or it goes to another node."""
        sent = self._sent.pop(ref)
        sent.node.busy -= 1
        try:
            reply = parcel.read_reply(self._ray.get(ref), sent.job)
        except (self._ray.exceptions.RayError, parcel.Damaged) as error:
            yield from self._lost(sent, _short(error))
            return
        if reply.result is not None:
            yield sent.job, reply.result
        else:
            self._refuse(sent.node, reply.no_sandbox)
            self._again.append((sent.job, sent.tries - 1))

    def _lost(self, sent: Sent, reason: str) -> Iterator[tuple[Job, Result]]:
        """Ask the node anew before it gets anything else, and have the submission tried again."""
        if self._nodes.get(sent.node.id) is sent.node:
            del self._nodes[sent.node.id]
            self.tell(f"{sent.node.name}: lost what it had in hand, which is graded again ({reason})")
        if sent.tries < TRIES:
            self._again.append((sent.job, sent.tries))
        else:
            yield sent.job, lost(sent.job, f"The grader failed on {sent.node.name}: {reason}.")

    def _overdue(self) -> Iterator[tuple[Job, Result]]:
        for ref in [ref for ref, sent in self._sent.items() if time.monotonic() >= sent.end]:
            self._ray.cancel(ref, force=True)
            yield from self._lost(self._sent.pop(ref), f"no answer within {HARD_SECONDS:g} s")

    def _look(self) -> None:
        """Ask nodes that are new; forget those that are gone. Raises ClusterError when none is left for long."""
        found = {one["NodeID"]: one for one in self._ray.nodes() if one["Alive"] and _cpus(one)}
        for gone in self._nodes.keys() - found.keys():
            self.tell(f"{self._nodes.pop(gone).name}: is gone")
        for id in found.keys() - self._nodes.keys() - self._refused.keys() - {one.id for one in self._asked.values()}:
            name = f"node {found[id].get('NodeName') or found[id]['NodeManagerAddress']} ({id[:6]})"
            new = Node(id, name, _cpus(found[id]), end=time.monotonic() + ASK_SECONDS)
            self._asks[id] += 1
            ask = self._describe.options(scheduling_strategy=self._on(new))
            self._asked[ask.remote(self.run_code, self.sandbox, self.unsafe)] = new
        now = time.monotonic()
        self._next_look = now + LOOK_SECONDS
        if self._nodes or self._asked:
            self._last_seen = now
        elif self._last_seen and now > self._last_seen + PATIENCE_SECONDS:
            told = " ".join(["no node is left that can grade.", *self._refused.values()])
            kept = "What was graded is in the gradebook. Run the same command again to go on."
            raise ClusterError(f"--cluster {self.address}: {told} {kept}")

    def _answered(self, ref: Any, ready: bool) -> None:
        """Take a node that can grade, refuse one that cannot, forget one that is lost until it is seen again."""
        one = self._asked.pop(ref)
        try:
            told = self._ray.get(ref) if ready else {}
        except self._ray.exceptions.RayError as error:
            if isinstance(error, self._ray.exceptions.RayTaskError) or self._asks[one.id] >= ASKS:
                self._refuse(one, f"cannot load autograder {__version__} there ({_short(error)})")
            return
        if not ready:
            self._refuse(one, f"did not answer within {ASK_SECONDS:g} s")
        elif told["version"] != __version__:
            self._refuse(one, f"has autograder {told['version']}, and here it is {__version__}; install the same")
        elif told["files"] != node.files():
            self._refuse(one, f"has other files than here in autograder or upright {__version__}; install the same")
        elif told["no_sandbox"]:
            self._refuse(one, told["no_sandbox"])
        else:
            self._nodes[one.id] = one

    def _refuse(self, one: Node, reason: str) -> None:
        self._nodes.pop(one.id, None)
        if one.id not in self._refused:
            self._refused[one.id] = f"{one.name} is refused: {reason.rstrip('.')}."
            self.tell(self._refused[one.id])

    def _check_found(self) -> None:
        if self._nodes:
            cpus = sum(one.cpus for one in self._nodes.values())
            self.tell(f"the cluster grades on {_count(len(self._nodes), 'node')} with {_count(cpus, 'CPU')}")
        elif not self._refused:
            raise UsageError(f"--cluster {self.address}: no node of it offers a CPU; `ray start` on one gives it some.")
        else:
            unboxed = any("No sandbox works" in reason for reason in self._refused.values())
            reasons = " ".join(self._refused.values())
            raise (NoSandboxError if unboxed else UsageError)(
                f"--cluster {self.address}: no node of it can grade. {reasons}"
            )


def _cpus(found: dict[str, Any]) -> int:
    return int(found["Resources"].get("CPU", 0))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _short(error: Exception) -> str:
    """The last line of what Ray says, which may hold a whole traceback."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].strip()[:300]
