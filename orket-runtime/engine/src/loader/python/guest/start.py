"""Starts the guest of Orket for Python extensions. Python 3.9 or later, standard library only.

The working folder is the stage of a run, as docs/protocol.md says, with `python/` beside it: this file, the
package `orket_guest`, and `extension.json`, in which the host says what is to be run.
"""

import posix
import sys

# The sandbox refuses `getcwd`, and importing from a relative folder asks for it. The answer is the same in every
# run, and paths stay relative, so that no path of the machine shows in what an extension writes.
posix.getcwd = lambda: "."
posix.getcwdb = lambda: b"."

from orket_guest import ambient  # noqa: E402

ambient.replace()

from orket_guest import main  # noqa: E402

sys.exit(main.main(sys.argv[1:]))
