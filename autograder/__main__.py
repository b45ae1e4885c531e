"""python -m autograder"""

import sys
from pathlib import Path

if not sys.flags.safe_path:
    # Python has put the current folder there: a numpy.py beside the submissions is not the one to import.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from autograder.cli import main

sys.exit(main())
