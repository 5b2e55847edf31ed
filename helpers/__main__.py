"""`python -m helpers run …`, `… learn …`: the commands behind run.py.

Beside `runner` so that a worker process, which imports the module its parent was started with, does not import all of that.
"""

import sys


def main(words: list[str]) -> int:
    try:  # importing takes two seconds, in which a person may press Ctrl-C, too
        if words[:1] == ["learn"]:
            from helpers import learning

            return learning.main(words[1:])
        from helpers import runner

        return runner.main(words)
    except KeyboardInterrupt:
        learn = words[:1] == ["learn"]
        goes_on = "The coder is as it was." if learn else "The same command goes on where this run stopped."
        print(f"Interrupted. {goes_on}", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
