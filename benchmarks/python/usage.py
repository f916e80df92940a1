"""Runs a command and then says on stderr, in one line of JSON, what it used, or exits as the command failed."""

import json
import resource
import subprocess
import sys

# Sooner than whoever runs this loses patience, so that the command does not outlive it.
TIMEOUT_SECONDS = 590

status = subprocess.run(sys.argv[1:], timeout=TIMEOUT_SECONDS).returncode
if status != 0:
    # A signal as shells say it.
    sys.exit(status if status > 0 else 128 - status)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
usage = {"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakBytes": used.ru_maxrss * 1024}
print(f"\n{json.dumps(usage)}", file=sys.stderr)
