"""What would make two runs differ, replaced before anything else is imported: time, entropy, surroundings.

Time starts at 2000-01-01T00:00:00Z. A look moves it by a microsecond, sleeping by what was asked for, at once. Entropy
is a stream that follows from the seed of the run. Folders are listed in order.

Not replaced, because it cannot be from here: `id()` and what shows it (the default `repr`, the order of a set of
objects without a hash of their own).
"""

import hashlib
import os
import posix
import sys
import time

START_NS = 946_684_800_000_000_000
TICK_NS = 1_000


class Clock:
    """Virtual time, in nanoseconds since its start."""

    def __init__(self):
        self.elapsed = 0

    def look(self):
        self.elapsed += TICK_NS
        return self.elapsed

    def sleep(self, seconds):
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.elapsed += int(seconds * 1_000_000_000)


class Entropy:
    """A stream of bytes that follows from the seed."""

    def __init__(self):
        self.seed(0)

    def seed(self, seed):
        self.key = hashlib.sha256(b"orket/python/v1\0" + seed.to_bytes(8, "little")).digest()
        self.count = 0

    def draw(self, size):
        drawn = bytearray()
        while len(drawn) < size:
            drawn += hashlib.sha256(self.key + self.count.to_bytes(8, "little")).digest()
            self.count += 1
        return bytes(drawn[:size])

    def number(self):
        return int.from_bytes(self.draw(32), "little")


CLOCK = Clock()
ENTROPY = Entropy()


def begin(seed):
    """Starts time and entropy anew: every task of a run finds them alike."""
    CLOCK.elapsed = 0
    ENTROPY.seed(seed)
    sys.modules["random"].seed(ENTROPY.number())


def replace():
    """Replaces all of it. What is implemented in C and reads the machine by itself is kept out."""
    both(getpid=lambda: 1, getppid=lambda: 0, urandom=ENTROPY.draw, uname=uname, cpu_count=lambda: 1)
    both(getrandom=lambda size, flags=0: ENTROPY.draw(size), getcwd=posix.getcwd, getcwdb=posix.getcwdb)
    both(listdir=in_order(os.listdir), scandir=Listing)
    replace_time()
    # The pure implementation asks the module `time`, which is replaced; the one in C would ask the kernel.
    sys.modules["_datetime"] = None
    replace_random()
    sys.modules["_uuid"] = None


def both(**functions):
    """Sets functions of `os` where it has them, and of the module that it takes them from."""
    for name, function in functions.items():
        for module in (os, posix):
            if hasattr(module, name):
                setattr(module, name, function)


def uname():
    return os.uname_result(("Linux", "orket", "0", "0", "any"))


def in_order(listdir):
    return lambda *arguments: sorted(listdir(*arguments))


class Listing:
    """`os.scandir`, in the order of the names."""

    scandir = staticmethod(os.scandir)

    def __init__(self, *arguments):
        with self.scandir(*arguments) as entries:
            self.entries = iter(sorted(entries, key=lambda entry: entry.name))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def close(self):
        self.entries = iter(())


def replace_time():
    now_ns = lambda: START_NS + CLOCK.look()
    seconds = lambda ns: ns / 1_000_000_000
    time.time_ns, time.time = now_ns, lambda: seconds(now_ns())
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name + "_ns", CLOCK.look)
        setattr(time, name, lambda: seconds(CLOCK.look()))
    time.sleep = CLOCK.sleep
    time.clock_gettime_ns = lambda clock: now_ns() if clock == time.CLOCK_REALTIME else CLOCK.look()
    time.clock_gettime = lambda clock: seconds(time.clock_gettime_ns(clock))
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, of_moment(getattr(time, name)))
    strftime, asctime, gmtime = time.strftime, time.asctime, time.gmtime
    time.strftime = lambda form, moment=None: strftime(form, gmtime() if moment is None else moment)
    time.asctime = lambda moment=None: asctime(gmtime() if moment is None else moment)


def of_moment(function):
    return lambda moment=None: function(time.time() if moment is None else moment)


def replace_random():
    """A generator without a seed takes one from the stream, also where it would ask the kernel."""
    import random

    seed = random.Random.seed

    def seeded(self, a=None, version=2):
        return seed(self, ENTROPY.number() if a is None else a, version)

    random.Random.seed = seeded
    random.seed = random._inst.seed
