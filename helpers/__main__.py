"""`python -m helpers run …`: the command behind run.py.

Beside `runner` so that a worker process, which imports the module its parent was started with, does not import all of that.
"""

import sys


def main(words: list[str]) -> int:
    try:
        from helpers import runner  # two seconds, in which a person may press Ctrl-C, too

        return runner.main(words)
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on where this run stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
