"""`tools/environment.py` says in one sentence what is missing, on whatever Python there is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tools.conftest import ROOT, TinyBook
from tools import environment
from tools.environment import Stop

SCRIPT = ROOT / "tools" / "environment.py"


def run(script: Path, version: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script with this Python, which calls itself by another version if one is given."""
    lie = f"import sys; sys.version_info = {version}\n" if version else ""
    code = f"{lie}import runpy; runpy.run_path({str(script)!r}, run_name='__main__')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_the_script_is_syntax_that_python_3_6_can_read() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_script_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imports = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imports <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12), (3, 13, 9, "final", 0)])
def test_a_python_that_the_course_runs_on_is_taken(version: tuple) -> None:
    environment.check_python(version)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 0), (3, 10, 14), (3, 14, 0), (4, 0)])
def test_a_python_too_old_or_too_new_is_named_with_those_that_fit(version: tuple) -> None:
    found = f"{version[0]}.{version[1]}"
    sentence = rf"^this is Python {found}, and the course needs Python 3\.11 to 3\.13\. .*make PYTHON="
    with pytest.raises(Stop, match=sentence):
        environment.check_python(version)


@pytest.mark.parametrize("version", ["(3, 9, 2)", "(3, 15, 0)"])
def test_with_a_wrong_python_the_command_ends_with_code_2_and_one_line(tiny: TinyBook, version: str) -> None:
    said = run(tiny.root / "tools" / "environment.py", version)
    assert said.returncode == 2
    assert said.stderr.startswith("upright: this is Python 3.")
    assert said.stderr.count("\n") == 1
    assert said.stdout == ""
    assert not (tiny.root / ".venv").exists()


def test_where_the_pins_are_installed_nothing_is_done(tiny: TinyBook) -> None:
    copied(tiny)
    assert environment.main([]) == 0
    # No Python there: had anything been installed, it would have been made anew.
    assert [path.name for path in (tiny.root / ".venv").iterdir()] == ["upright-pins"]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements.lock", "pyproject.toml"])
def test_another_pin_is_reason_to_install_again(tiny: TinyBook, file: str) -> None:
    copied(tiny)
    before = environment.fingerprint()
    with (tiny.root / file).open("a", encoding="utf-8") as opened:
        opened.write("\n# another\n")
    assert environment.fingerprint() != before


def copied(tiny: TinyBook) -> None:
    """Mark the pins of the copy as installed, and forget the tools' own root."""
    (tiny.root / ".venv").mkdir()
    (tiny.root / ".venv" / "upright-pins").write_text(environment.fingerprint())
    own_node_modules(tiny, environment.fingerprint(environment.NODE_PINS) + " tests")


def own_node_modules(tiny: TinyBook, stamp: str = "") -> None:
    """A folder of the copy's own in place of the link to the project's."""
    (tiny.root / "node_modules").unlink()
    (tiny.root / "node_modules").mkdir()
    if stamp:
        (tiny.root / "node_modules" / "upright-pins").write_text(stamp)


def npm(tiny: TinyBook, status: int = 0) -> Path:
    """An npm that writes down how it was called, and the file with its calls."""
    folder, calls = tiny.root / ".venv" / "bin", tiny.root / "calls"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "npm").write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\nexit {status}\n')
    (folder / "npm").chmod(0o755)
    return calls


def test_the_packages_of_npm_are_installed_once_and_those_of_the_tests_on_demand(tiny: TinyBook) -> None:
    own_node_modules(tiny)
    calls = npm(tiny)
    environment.install_node_packages(with_tests=False)
    environment.install_node_packages(with_tests=False)
    (first,) = calls.read_text().splitlines()
    assert first.startswith("ci ")
    assert first.endswith("--omit=dev")
    environment.install_node_packages(with_tests=True)
    environment.install_node_packages(with_tests=True)
    environment.install_node_packages(with_tests=False)
    _, second = calls.read_text().splitlines()
    assert "--omit" not in second


def test_another_lock_of_npm_is_reason_to_install_again(tiny: TinyBook) -> None:
    own_node_modules(tiny)
    calls = npm(tiny)
    environment.install_node_packages(with_tests=False)
    with (tiny.root / "package-lock.json").open("a") as file:
        file.write("\n")
    environment.install_node_packages(with_tests=False)
    assert len(calls.read_text().splitlines()) == 2


def test_an_npm_that_fails_is_one_sentence_and_is_tried_again(tiny: TinyBook) -> None:
    own_node_modules(tiny)
    calls = npm(tiny, status=1)
    for _ in range(2):
        with pytest.raises(Stop, match="npm could not install"):
            environment.install_node_packages(with_tests=False)
    assert len(calls.read_text().splitlines()) == 2


@pytest.fixture(autouse=True)
def moved(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script's paths are text, and lie in the copy too."""
    monkeypatch.setattr(environment, "ROOT", str(tiny.root))
    monkeypatch.setattr(environment, "VENV", str(tiny.root / ".venv"))
    monkeypatch.setattr(environment, "BOOK_PROGRAMS", [])


def test_too_little_space_is_told_with_both_sizes(tmp_path: Path) -> None:
    sentence = r"has [\d.]+ GB free, and the course needs 1000000000 GB\. Free some space, or clone"
    with pytest.raises(Stop, match=sentence):
        environment.check_space(str(tmp_path), needed=1e18)
    environment.check_space(str(tmp_path), needed=1)


def test_a_full_disk_stops_the_installation_before_it_starts(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment.check_space, "__defaults__", (1e18,))
    assert environment.main([]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"upright: {tiny.root} has ")
    assert said.out == ""
    assert not (tiny.root / ".venv").exists()


def test_a_package_that_cannot_be_installed_is_one_sentence_after_pips_own(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.root / ".venv" / "bin").mkdir(parents=True)
    (tiny.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(Stop, match=r"pip could not install the pinned packages \(its message is above\)\. Check the"):
        environment.pip("install", "--dry-run", "--no-index", "--quiet", "no-such-package-as-this")


NEEDED = [("no-such-chromium", "chromium-package", "the browser tests cannot run", True)]
OPTIONAL = [("no-such-xvfb", "xvfb-package", "one cell explains itself", False)]


def test_a_missing_program_is_named_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = r"sudo apt-get install --yes --no-install-recommends xvfb-package chromium-package$"
    with pytest.raises(Stop, match=rf"^no-such-chromium is missing: the browser tests cannot run\. .*: {line}"):
        environment.install_programs(OPTIONAL + NEEDED)


def test_a_missing_program_that_can_be_done_without_is_told_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    environment.install_programs(OPTIONAL)
    assert capsys.readouterr().out.startswith("upright: no-such-xvfb is missing: one cell explains itself. To install")


def test_a_missing_program_ends_the_command_with_code_2(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied(tiny)
    monkeypatch.setattr(environment, "TEST_PROGRAMS", NEEDED)
    monkeypatch.setenv("PATH", str(tiny.root))
    assert environment.main([]) == 0
    assert environment.main(["--tests"]) == 2
    assert "no-such-chromium is missing" in capsys.readouterr().err


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH, alone, with an apt-get that writes down what it is asked and installs what is called so."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = """#!/bin/sh
echo "$@" >> {folder}/asked
[ "$1" = install ] || exit 0
for package in "$@"; do :; done
[ "$package" = refused ] && exit 100
: > {folder}/no-such-chromium
/bin/chmod +x {folder}/no-such-chromium
"""
    sudo = '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n'
    for name, text in (("apt-get", script.format(folder=folder)), ("sudo", sudo), ("true", "#!/bin/sh\n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_root_or_sudo_has_the_missing_program_installed(packages: Path) -> None:
    environment.install_programs(NEEDED)
    asked = (packages / "asked").read_text().splitlines()
    assert asked == ["update -qq", "install -qq --yes --no-install-recommends chromium-package"]
    environment.install_programs(NEEDED)
    assert (packages / "asked").read_text().splitlines() == asked, "what is there is not installed again"


def test_an_installation_that_fails_is_told_like_a_missing_program(packages: Path) -> None:
    with pytest.raises(Stop, match=r"no-such-chromium is missing: .*sudo apt-get install .* refused$"):
        environment.install_programs([("no-such-chromium", "refused", "the browser tests cannot run", True)])


def test_programs_that_are_there_are_not_asked_for(packages: Path) -> None:
    environment.install_programs([("sudo", "sudo-package", "nothing works", True)])
    assert not (packages / "asked").exists()
    assert os.environ["PATH"] == str(packages)


def test_an_environment_made_by_hand_as_the_readme_says_is_brought_up_to_date(
    tiny: TinyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tiny.root / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
    monkeypatch.setattr(environment, "VENV", str(made))
    monkeypatch.setattr(environment, "check_space", lambda folder: None)
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "pip", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(environment, "torch_wants_cuda", lambda: False)
    environment.install_pins()
    torch, rest, course = asked
    assert torch[-1].startswith("torch==")
    assert rest[:3] == ("install", "--no-deps", "--require-hashes")
    assert course[-2:] == ("--editable", ".")
    wanted = Path(rest[-1]).read_text()
    assert "numpy==" in wanted
    assert "--hash=sha256:" in wanted
    assert "torch==" not in wanted
    assert (made / "upright-pins").read_text() == environment.fingerprint()


def test_nvidias_libraries_are_installed_for_a_torch_that_wants_them_and_for_no_other() -> None:
    with_cuda, without = ("".join(environment.entries(with_cuda)) for with_cuda in (True, False))
    assert "nvidia-nccl-cu13==" in with_cuda
    assert "triton==" in with_cuda
    assert not [name for name in ("nvidia-", "triton", "cuda-") if f"\n{name}" in without]
    assert "\ntorch==" not in with_cuda
    assert "\ntorchvision" not in without


def test_a_file_with_another_hash_is_refused(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tiny.root / "evil-1.0-py3-none-any.whl"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("evil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
        archive.writestr("evil-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("evil-1.0.dist-info/RECORD", "")
    (tiny.root / "some.lock").write_text(f"evil==1.0 --hash=sha256:{'0' * 64}\n")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "--no-index", "--dry-run"]
    command += ["--find-links", str(tiny.root), "-r", str(tiny.root / "some.lock")]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said.stderr


def test_a_torch_of_the_gpu_is_told_from_one_without(tiny: TinyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "VENV", str(tiny.root / ".venv"))
    (tiny.root / ".venv" / "bin").mkdir(parents=True)
    python = tiny.root / ".venv" / "bin" / "python"
    packages = tiny.root / "packages"
    (packages / "torch-2.dist-info").mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    for line, wants in (("Requires-Dist: nvidia-cudnn-cu13==9; platform_system == 'Linux'\n", True), ("", False)):
        text = f"Metadata-Version: 2.1\nName: torch\nVersion: 2\n{line}"
        (packages / "torch-2.dist-info" / "METADATA").write_text(text)
        assert environment.torch_wants_cuda() is wants
