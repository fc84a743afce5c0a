"""The ``slm`` script: finds its own python wherever it was installed and however it is called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "bin" / "slm"
LIBRARY = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"

FAKE_THIN = """
import posix, sys
def main(argv, program):
    posix.write(1, repr((argv, program, sys.flags.no_site, sys.flags.isolated)).encode())
    return 7
"""


@pytest.fixture
def prefix(tmp_path) -> Path:
    """An environment as pip makes it, with a client that only tells how it was called."""
    made = tmp_path / "an environment with spaces"
    package = made / LIBRARY / "slm" / "daemon"
    package.mkdir(parents=True)
    (made / "bin").mkdir()
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "thin.py").write_text(FAKE_THIN)
    shutil.copy(SCRIPT, made / "bin" / "slm")
    (made / "bin" / "python3").symlink_to(sys.executable)
    return made


def run(*command: object, **options: object) -> tuple[int, list[str], list[str], int, int]:
    """Exit code, and what the client says of its call."""
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, **options)
    assert done.stderr == b""
    return (done.returncode, *eval(done.stdout))


def test_the_script_is_executable_and_names_sh():
    """An installer would rewrite a python shebang and drop its options."""
    assert os.access(SCRIPT, os.X_OK)
    assert SCRIPT.read_bytes().startswith(b"#!/bin/sh\n")


def test_its_own_python_runs_the_client_without_site_packages(prefix):
    """Specification: ``python -I -S``; the exit code is the client's."""
    code, argv, program, no_site, isolated = run(prefix / "bin" / "slm", "recall", "x")

    assert (code, argv, no_site, isolated) == (7, ["recall", "x"], 1, 1)
    assert program == [str(prefix / "bin" / "python3"), "-E", "-P", "-m", "slm"]


@pytest.mark.parametrize("words", [["a b", "", "*", "'", '"', "$HOME", "--", "-", "ü", "\n", "-c", "\\"]])
def test_arguments_pass_through_the_shell_untouched(prefix, words):
    """Quoting: every kind of word that shells treat."""
    assert run(prefix / "bin" / "slm", *words)[1] == words


def test_it_works_with_an_empty_environment(prefix):
    """Specification: ``env -i``."""
    assert run("/usr/bin/env", "-i", prefix / "bin" / "slm", "x")[:2] == (7, ["x"])


def test_it_works_through_links_as_pipx_makes_them(prefix, tmp_path):
    """Absolute, relative and chained links."""
    (tmp_path / "one").symlink_to(prefix / "bin" / "slm")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "two").symlink_to("../one")
    (tmp_path / "linked folder").symlink_to(prefix / "bin")

    for link in (tmp_path / "one", tmp_path / "deep" / "two", tmp_path / "linked folder" / "slm"):
        assert run(link, "x")[:2] == (7, ["x"])


def test_it_works_from_the_path_and_with_sh_in_front(prefix):
    """However a shell finds it."""
    environ = os.environ | {"PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}

    assert run("sh", "-c", "slm x", env=environ)[:2] == (7, ["x"])
    assert run("sh", prefix / "bin" / "slm", "x")[:2] == (7, ["x"])
    assert run("sh", "slm", "x", cwd=prefix / "bin", env=environ)[:2] == (7, ["x"])


def test_a_folder_on_the_python_path_can_t_put_itself_before(prefix, tmp_path):
    """Isolation: neither the cwd nor PYTHONPATH is searched."""
    (tmp_path / "slm").mkdir()
    (tmp_path / "slm" / "__init__.py").write_text("raise SystemExit('hijacked')")
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}

    assert run(prefix / "bin" / "slm", "x", cwd=tmp_path, env=environ)[0] == 7


def test_without_a_python_beside_it_the_one_on_the_path_is_used(prefix, tmp_path):
    """``pip install --user`` and distributions: the script's library is found, the python is not beside it."""
    (prefix / "bin" / "python3").unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "python3").symlink_to(sys.executable)
    environ = os.environ | {"PATH": f"{tmp_path / 'elsewhere'}:{os.environ['PATH']}"}

    assert run(prefix / "bin" / "slm", "x", env=environ)[:2] == (7, ["x"])


def test_where_the_library_is_elsewhere_pythons_own_search_finds_it(prefix, tmp_path):
    """An editable install: a .pth file names the checkout."""
    environment = tmp_path / "editable"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    shutil.copy(SCRIPT, environment / "bin" / "slm")
    (environment / LIBRARY / "checkout.pth").write_text(str(prefix / LIBRARY))

    assert run(environment / "bin" / "slm", "x")[:2] == (7, ["x"])


def test_where_there_is_no_library_python_says_so(tmp_path):
    """The last resort is the full program, whose python names what is missing."""
    environment = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    shutil.copy(SCRIPT, environment / "bin" / "slm")

    done = subprocess.run([environment / "bin" / "slm", "x"], capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "No module named slm" in done.stderr


def test_the_version_of_the_package_is_that_of_the_project():
    """One version, written in two places."""
    import tomllib

    import slm

    assert tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"] == slm.__version__


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["-e"]])
def test_pip_installs_the_script_as_it_is(tmp_path, options):
    """Specification: ``pip install .`` and ``pip install -e .`` install it unmodified and executable."""
    source = tmp_path / "source"
    shutil.copytree(
        CHECKOUT, source, ignore=shutil.ignore_patterns(".*", "tests", "__pycache__", "*.egg-info", "build")
    )
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps", *options, str(source)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode and "setuptools" in done.stderr:
        pytest.skip("no package index within reach gives the build backend")

    installed = environment / "bin" / "slm"
    assert installed.read_bytes() == SCRIPT.read_bytes()
    assert os.access(installed, os.X_OK)
