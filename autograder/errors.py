"""What ends a run of the grader: one sentence for a person, and an exit code for a script."""

from __future__ import annotations


class GraderError(Exception):
    """The message is one sentence that names what is wrong and what to do."""

    exit_code = 1


class UsageError(GraderError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class ClusterError(GraderError):
    """The cluster was lost on the way: the same command goes on where it ended."""

    exit_code = 3


class NoSandboxError(GraderError):
    """No code can be run, since no sandbox works here."""

    exit_code = 4


class GradebookError(GraderError):
    """The gradebook cannot be read or written."""

    exit_code = 5


class Interrupted(GraderError):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__("stopped; what was graded is in the gradebook. Run the same command again to go on.")
        self.exit_code = 128 + number
