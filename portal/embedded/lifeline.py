"""Ties processes to the life of their parent, so that none is left when the parent is killed.

The kernel sends the signal; it is bound to the thread that forks, which must live as long as the parent.
"""

import ctypes
import os
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send signal `number` to the child when its parent ends in any way."""
    parent = os.getpid()

    def bind() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # the parent ended before the signal was bound
            os._exit(1)

    return bind


def bind_to(parent: int, number: int = signal.SIGKILL) -> None:
    """Have the kernel send `number` to this process when process `parent`, which forked it, ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)
