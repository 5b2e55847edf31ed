#!/usr/bin/env python3
"""From a folder of Chinese articles to figures one can cite. Needs only Python 3.11 or newer.

    python run.py                        set up what is missing, run every notebook on the shipped sample
    python run.py --corpus FOLDER        the same for your own articles; --name NAME, --results FOLDER, --jobs N,
                                         --processes N or --scheduler tcp://HOST:PORT for very many articles
    python run.py test                   set up what is missing, pass all tests; --browser: those in a real Chromium, too
    python run.py lab                    open JupyterLab at 00-start-here; --corpus FOLDER --name NAME for your own
    python run.py check                  run the sample again and fail if a citable number moved
    python run.py refresh                execute the committed notebooks in place, on the sample
    python run.py bench                  print how fast each step is against the plain way
    python run.py learn SHEET ...        teach the coder of frames with filled coding sheets (notebook 07 writes them)
    python run.py lock                   resolve requirements.in into requirements.txt

Ctrl-C ends a run cleanly; the same command goes on where it stopped.
Inside an activated conda environment made from environment.yml, add --here to use that Python as it is.
"""

import argparse
import errno
import hashlib
import importlib.util
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import venv
from contextlib import contextmanager, suppress

ROOT = pathlib.Path(__file__).resolve().parent
VENV, LOCK = ROOT / ".venv", ROOT / "requirements.txt"
UV_PIN = "uv==0.13.9"
NEWEST = (3, 14)  # Python for which every package of the lock but jieba, which is pure, has a wheel
BROWSER_PINS = ("playwright==1.65.2", "axe-playwright-python==0.1.8")
INTERRUPTED = 130  # what the shell is told
FOREIGN = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP")


def python_of(folder):
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def uv_of(python, env):
    """A uv to install with: the machine's where it starts, else one put into the environment; None where no wheel fits."""
    found = shutil.which("uv")
    if found and subprocess.call([found, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return found
    if subprocess.call([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV_PIN], env=env) == 0:
        return python.with_name("uv.exe" if os.name == "nt" else "uv")
    return None


def setup():
    """The Python of .venv, made where there is none, or anew where the lock has changed or that Python has gone. Whichever
    Python calls, one that works is kept: another run, or JupyterLab, may be at work in it."""
    if ready():
        return python_of(VENV)
    try:
        with alone():
            if not ready():
                make()
    except OSError as error:
        sys.exit(
            f"{error.filename or VENV}: {error.strerror or error}. Set-up writes into the folder of run.py: copy that to a "
            "place you may write to, or close what runs from its .venv (JupyterLab), and say the same command again."
        )
    return python_of(VENV)


def wanted():
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def ready():
    """Whether .venv is whole, holds what the lock asks for, and its Python starts: the one it was made from may have gone."""
    python, stamp = python_of(VENV), VENV / ".stamp"
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted()):
        return False
    return subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0


@contextmanager
def alone():
    """Two runs never set up at once: the second waits. The lock is the system's and ends with the process that holds it."""
    place = ROOT / ".cache" / "setup.lock"
    place.parent.mkdir(exist_ok=True)
    with place.open("a+") as file:
        if not locked(file.fileno()):
            print("Another run is setting up .venv; this one waits for it ...", flush=True)
            while not locked(file.fileno()):
                time.sleep(1)
        yield


def locked(number):
    """Whether an open file is this process's now; where a drive knows no locks it is everybody's."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def make():
    """.venv from nothing, with the packages of the lock; a half-made one is never trusted."""
    start, python = time.time(), python_of(VENV)
    print("Setting up .venv (once; about a minute) ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        sys.exit(
            "This Python cannot put pip into a new environment: on Debian and Ubuntu say sudo apt install python3-venv, "
            "elsewhere use a Python from python.org or conda; then the same command again."
        )
    env = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    uv, done = uv_of(python, env), False
    install = ["pip", "install", "-q", "--require-hashes", "-r", LOCK]
    if uv:  # compiled bytecode saves every kernel ten seconds
        done = subprocess.call([uv, *install, "--compile-bytecode", "--python", python], env=env) == 0
    if not done:
        done = subprocess.call([python, "-m", *install, "--disable-pip-version-check"], env=env) == 0
    if not done:
        remedy = "They are fetched once and need the network; the same command tries again."
        if sys.version_info[:2] > NEWEST:
            newest, this = ".".join(map(str, NEWEST)), sys.version.split()[0]
            remedy = f"Use Python 3.11 to {newest}: this is {this}, for which some have no wheel."
        sys.exit(f"The packages of requirements.txt could not be installed; what failed stands above. {remedy}")
    (VENV / ".stamp").write_text(wanted())
    print(f"Set up in {time.time() - start:.0f} s.", flush=True)


def present():
    """The Python that calls, if the packages are there."""
    missing = [name for name in ("jupyterlab", "pandas", "rjieba") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"--here: this Python lacks {missing[0]}. Activate the environment made from environment.yml, or leave --here out."
        )
    return sys.executable


def environment():
    """What every child process gets: fixed hashes, UTF-8, the helpers importable, no user profile."""
    own = {
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(ROOT / ".cache" / "ipython"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    env = {key: value for key, value in os.environ.items() if key not in FOREIGN and key != "MPLBACKEND"} | own
    with suppress(OSError):  # a folder that may only be read; IPython then takes a temporary one
        (ROOT / ".cache" / "ipython").mkdir(parents=True, exist_ok=True)
    return env


def placed(words, env):
    """The words that are left, and `env` with the corpus, the results and the name asked for. A path is meant from where
    the person stands; the children stand elsewhere."""
    parser = argparse.ArgumentParser(prog="python run.py", add_help=False, allow_abbrev=False)
    for option in ("--corpus", "--results", "--name"):
        parser.add_argument(option)
    asked, others = parser.parse_known_args(words)
    paths = {"CORPUS": asked.corpus or env.get("CORPUS"), "RESULTS": asked.results or env.get("RESULTS")}
    env = env | {key: str(pathlib.Path(path).expanduser().absolute()) for key, path in paths.items() if path}
    return others, env | ({"CORPUS_NAME": asked.name} if asked.name else {})


def call(words, env):
    """Wait for a child process and give its exit code. Ctrl-C reaches the child too, which says what it leaves; being
    terminated is passed on to it."""
    with subprocess.Popen(words, cwd=ROOT, env=env) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while True:
            try:
                code = child.wait()
                return INTERRUPTED if code == -signal.SIGINT else code
            except KeyboardInterrupt:
                continue


def lock(env):
    """requirements.txt from requirements.in: for every platform, hashed, without a host in it."""
    words = "pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --upgrade".split()
    places = ["requirements.in", "-o", "requirements.txt"]
    return subprocess.call([uv_of(python_of(VENV), env), *words, *places], cwd=ROOT, env=env)


def test(python, rest, env):
    """ruff, then unit tests, doctests and every notebook under nbval."""
    code = subprocess.call([python, "-m", "ruff", "check", "."], cwd=ROOT, env=env)
    if code:
        return code
    env = env | {"NB_QUIET": "1"}
    if "--browser" in rest:
        rest, env = [word for word in rest if word != "--browser"], env | {"BROWSER": "1"}
        code = browser(python, env)
        if code:
            return code
    for name in ("CORPUS", "CORPUS_NAME", "RESULTS"):
        env.pop(name, None)
    return subprocess.call(
        [python, "-m", "pytest", "-q", *(rest or ["tests", "helpers", "notebooks"])], cwd=ROOT, env=env
    )


def browser(python, env):
    """What drives a browser, into the environment where it is missing; the browser itself is the machine's Chromium."""
    look = [python, "-c", "import playwright, axe_playwright_python"]
    if subprocess.call(look, env=env, stderr=subprocess.DEVNULL) == 0:
        return 0
    uv = uv_of(python, env)
    pip = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    return subprocess.call([*pip, "-q", *BROWSER_PINS], env=env)


def main(argv):
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    if any(word in argv for word in ("-h", "--help")):
        print(__doc__)
        return 0
    here = "--here" in argv
    argv = [word for word in argv if word != "--here"]
    command, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("run", argv)
    if command not in ("run", "test", "lab", "bench", "check", "refresh", "learn", "lock"):
        if pathlib.Path(command).expanduser().exists():
            sys.exit(f"To run the notebooks on a folder of articles say: python run.py --corpus {command}")
        sys.exit(f"{command}: no such command.\n{__doc__}")
    python, env = (present() if here else setup()), environment()
    if command == "lock":
        return lock(env)
    if command == "test":
        return test(python, rest, env)
    if command in ("run", "lab"):  # the others are about the sample
        rest, env = placed(rest, env)
    if command == "lab":
        return call([python, "-m", "jupyterlab", "notebooks/00-start-here.ipynb", *rest], env)
    if command == "bench":
        return call([python, "-m", "tests.bench", *rest], env)
    if command == "learn":
        rest = [str(pathlib.Path(sheet).expanduser().absolute()) for sheet in rest]
    return call([python, "-m", "helpers", command, *rest], env)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # before a child process was there to say more
        print("Interrupted. The same command goes on where it stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
