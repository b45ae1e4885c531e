"""Create .venv with the exact pins, and install the Debian packages that a command needs.

Runs with whatever `python3` the system has, however old, so that it can say what to do when it is the wrong one: no
import from outside the standard library, and no syntax newer than Python 3.6.

    python3 tools/environment.py [--tests]       exit code 0, or 2 with one sentence on stderr
    python3 tools/environment.py --torch-cpu     torch's build without CUDA, and nothing else yet
    python3 tools/environment.py --namespaces    let ordinary users make namespaces, until the machine starts again
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
OLDEST, NEWEST = (3, 11), (3, 13)
SPACE_NEEDED = 6e9
PINS = ("requirements.txt", "requirements.lock", "pyproject.toml")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NODE_PINS = ("package.json", "package-lock.json")

# Ubuntu 24.04 refuses namespaces to ordinary users, and the autograder's sandbox is made of them.
NAMESPACES = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"

# Programs from Debian packages: (program, package, what it is for, is the command useless without it?)
BOOK_PROGRAMS = [("Xvfb", "xvfb", "one cell of chapter 3 explains itself instead of starting a virtual display", False)]
TEST_PROGRAMS = [
    ("chromium", "chromium", "the browser tests cannot run", True),
    ("bwrap", "bubblewrap libseccomp2", "the tests of the autograder's sandbox cannot run", True),
]


class Stop(Exception):
    """A reason to stop that the user can do something about."""


def main(arguments: list) -> int:
    try:
        check_python()
        if "--namespaces" in arguments:
            allow_namespaces()
            return 0
        if "--torch-cpu" in arguments:
            make_environment()
            pip("install", "--no-deps", "--index-url", CPU_INDEX, torch_pin())
            return 0
        install_pins()
        install_node_packages("--tests" in arguments)
        install_programs(BOOK_PROGRAMS + (TEST_PROGRAMS if "--tests" in arguments else []))
    except Stop as reason:
        sys.stderr.write("upright: {}\n".format(reason))
        return 2
    return 0


def check_python(version: tuple = sys.version_info) -> None:
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        found = "{}.{}".format(*version[:2])
        wanted = "{}.{} to {}.{}".format(*(OLDEST + NEWEST))
        raise Stop(
            "this is Python {}, and the course needs Python {}. "
            "Install one and name it: make PYTHON=python3.12 ...".format(found, wanted)
        )


def install_pins() -> None:
    """Bring .venv to the pins, unless it is there already."""
    wanted = fingerprint()
    stamp = os.path.join(VENV, "upright-pins")
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return
    make_environment()
    # Which build of torch fits depends on the machine, and on the index that its owner chose: by version only.
    pip("install", "--no-deps", torch_pin())
    path = os.path.join(VENV, "requirements.lock")
    with open(path, "w") as file:
        file.write("".join(entries(with_cuda=torch_wants_cuda())))
    pip("install", "--no-deps", "--require-hashes", "-r", path)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    with open(stamp, "w") as file:
        file.write(wanted)


def make_environment() -> None:
    """Make .venv, unless it is there and of this Python."""
    check_space(ROOT)
    print("upright: installing the course's packages into .venv (minutes the first time)", flush=True)
    try:
        # With links, as `python3 -m venv` makes it: without, it could not be brought up to date.
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt", clear=not made_by_this_python())
    except (subprocess.CalledProcessError, OSError, SystemExit) as error:
        raise Stop(
            "no virtual environment could be made in .venv ({}). "
            "On Debian and Ubuntu: apt-get install python3-venv".format(error)
        ) from error


def program(name: str) -> str:
    """The path of a program of .venv, on Windows too."""
    return os.path.join(VENV, *(["Scripts", name + ".exe"] if os.name == "nt" else ["bin", name]))


def torch_pin() -> str:
    """Such as torch==2.13.0, as requirements.lock has it."""
    return str(re.findall(r"(?m)^torch==[^\s;]+", locked())[0])


def locked() -> str:
    with open(os.path.join(ROOT, "requirements.lock"), encoding="utf-8") as file:
        return file.read()


def entries(with_cuda: bool) -> list:
    """The packages to install after torch, each with its platforms and hashes, as requirements.lock has them."""
    found = re.split(r"(?m)^(?=[A-Za-z0-9])", locked())[1:]
    unwanted = r"torch==" if with_cuda else r"(torch|triton|(cuda|nvidia)-[a-z0-9-]+)=="
    return [entry for entry in found if not re.match(unwanted, entry)]


def torch_wants_cuda() -> bool:
    """Whether the torch in .venv is a build that needs NVIDIA's libraries: gigabytes, which a CPU build is without."""
    question = "import importlib.metadata as m; print(any('nvidia' in line for line in m.requires('torch') or []))"
    return subprocess.check_output([program("python"), "-c", question]).strip() == b"True"


def made_by_this_python() -> bool:
    """Whether .venv runs the same Python version as this script; another one's packages would be of no use."""
    question = [program("python"), "-c", "import sys; print(sys.version_info[:2])"]
    try:
        answer = subprocess.check_output(question, stderr=subprocess.DEVNULL).decode()
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.strip() == repr(sys.version_info[:2])


def install_node_packages(with_tests: bool) -> None:
    """Bring node_modules to package-lock.json, unless it is there already; `npm` is that of requirements.txt."""
    # The packages of the tests are left alone where they are.
    stamp = os.path.join(ROOT, "node_modules", "upright-pins")
    found = open(stamp).read() if os.path.exists(stamp) else ""
    digest = fingerprint(NODE_PINS)
    if found == digest + " tests" or (found == digest and not with_tests):
        return
    print("upright: installing the site's packages from npm into node_modules", flush=True)
    programs = os.path.dirname(program("npm"))
    environment = dict(os.environ, PATH=programs + os.pathsep + os.environ["PATH"])
    command = [program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if subprocess.call(command + ([] if with_tests else ["--omit=dev"]), cwd=ROOT, env=environment) != 0:
        raise Stop(
            "npm could not install what package-lock.json names (its message is above). Check the network and the free "
            "disk space, then run the same command again."
        )
    with open(stamp, "w") as file:
        file.write(digest + (" tests" if with_tests else ""))


def fingerprint(names: tuple = PINS) -> str:
    """A hash that changes with the named files and with the Python that made .venv."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def check_space(folder: str, needed: float = SPACE_NEEDED) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Stop(
            "{} has {:.1f} GB free, and the course needs {:.0f} GB. "
            "Free some space, or clone the course onto another disk.".format(folder, free / 1e9, needed / 1e9)
        )


def pip(*arguments: str) -> None:
    command = [program("python"), "-m", "pip", "--disable-pip-version-check"] + list(arguments)
    if subprocess.call(command, cwd=ROOT) != 0:
        raise Stop(
            "pip could not install the pinned packages (its message is above). Check the network and the free disk "
            "space, then run the same command again; what was downloaded is kept."
        )


def install_programs(programs: list) -> None:
    missing = [program for program in programs if shutil.which(program[0]) is None]
    if not missing or not sys.platform.startswith("linux"):
        return
    packages = [package for _, package, _, _ in missing]
    line = "apt-get install --yes --no-install-recommends " + " ".join(packages)
    if shutil.which("apt-get") and may_be_root():
        print("upright: installing Debian packages: " + " ".join(packages), flush=True)
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for command in (["apt-get", "update", "-qq"], line.replace("install", "install -qq", 1).split()):
            if subprocess.call(sudo + command, env=environment, stdout=subprocess.DEVNULL) != 0:
                break
    for program, _, without, needed in missing:
        if shutil.which(program) is None:
            sentence = "{} is missing: {}. To install it: sudo {}".format(program, without, line)
            if needed:
                raise Stop(sentence)
            print("upright: " + sentence, flush=True)


def allow_namespaces(setting: str = NAMESPACES) -> None:
    """Set the kernel's switch to 0, if there is one."""
    if not os.path.exists(setting) or open(setting).read().strip() == "0":
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = sudo + ["tee", setting]
    done = may_be_root() and subprocess.run(command, input=b"0\n", stdout=subprocess.DEVNULL).returncode == 0
    if not done:
        raise Stop(
            "ordinary users may not make namespaces here, and only root can change that: "
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )


def may_be_root() -> bool:
    if os.geteuid() == 0:
        return True
    return shutil.which("sudo") is not None and subprocess.call(["sudo", "-n", "true"], stderr=subprocess.DEVNULL) == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
