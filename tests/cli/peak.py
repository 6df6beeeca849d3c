"""peak.py MB COMMAND...: run it; fail if it fails, or took more than so many MB."""
import resource
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if peak > int(sys.argv[1]):
    sys.exit(f'{peak:.0f} MB, not {sys.argv[1]}')
sys.exit(code)
