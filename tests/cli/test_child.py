"""The observed program is as it would be without us: streams, signals, exit code, terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import FIRSTTOKEN, FREE_PORTS, Cli
from .terminal import Terminal


def start(environ: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    words = [FIRSTTOKEN, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def expect_line(run: subprocess.Popen[str], line: str) -> None:
    assert run.stdout is not None
    assert run.stdout.readline() == line


@pytest.mark.parametrize(
    ("command", "code"),
    [(["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -KILL $$"], 137)],
)
def test_the_exit_code_is_the_programs(cli: Cli, joined: list[str], command: list[str], code: int) -> None:
    assert cli(*joined, *command).returncode == code


@pytest.mark.parametrize(
    ("content", "mode", "code", "reason"),
    [
        (None, 0, 127, "no command '{}' was found: check the path"),
        (b"", 0o644, 126, "{} may not be executed: try chmod +x, or name its interpreter"),
        (b"\0\0", 0o755, 126, "{} cannot be run: Exec format error"),
        (b"#!/none\n", 0o755, 126, "{} cannot be run: No such file or directory"),
    ],
)
def test_a_command_that_cannot_be_run_ends_as_in_a_shell(
    cli: Cli, joined: list[str], tmp_path: Path, content: bytes | None, mode: int, code: int, reason: str
) -> None:
    path = tmp_path / "program"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    done = cli(*joined, path)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"firsttoken: {reason.format(path)}\n")


def test_a_directory_is_no_command(cli: Cli, joined: list[str], tmp_path: Path) -> None:
    done = cli(*joined, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (126, "", f"firsttoken: {tmp_path} is a directory\n")


def test_a_misspelt_command_is_one_line(cli: Cli, store_path: Path) -> None:
    done = cli("run", *FREE_PORTS, "--", "pyhton", "app.py")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "firsttoken: no command 'pyhton' was found: check the spelling, or give its path\n"
    assert not store_path.parent.exists()


def test_input_and_output_pass_byte_for_byte(cli: Cli, joined: list[str]) -> None:
    sent = os.urandom(1_000_000)
    assert cli(*joined, "cat", input=sent, text=False).stdout == sent


def test_the_programs_own_words_on_standard_error_come_before_ours(cli: Cli, joined: list[str]) -> None:
    done = cli(*joined, "sh", "-c", "printf 'no newline' >&2")
    assert done.stderr.startswith("no newlinefirsttoken: no calls were seen: no Python")


def test_options_after_the_command_are_the_commands(cli: Cli, joined: list[str]) -> None:
    words = ["printf", "%s|", "--json", "-h", "--", "a b", ""]
    assert cli(*joined, *words).stdout == "--json|-h|--|a b||"
    assert cli(*joined[:-1], *words).stdout == "--json|-h|--|a b||"


def test_a_script_without_an_interpreter_line_is_run_by_the_shell(cli: Cli, joined: list[str], tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('echo "$0 ran with $1"\n')
    script.chmod(0o755)
    assert cli(*joined, script, "this").stdout == f"{script} ran with this\n"


def test_every_open_descriptor_is_passed_on(environ: dict[str, str], joined: list[str]) -> None:
    command = f"{FIRSTTOKEN} {' '.join(joined)} cat <(echo from the shell)"
    done = subprocess.run(["bash", "-c", command], env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == "from the shell\n"


def test_signal_settings_and_descriptors_are_as_without_us(
    cli: Cli, environ: dict[str, str], joined: list[str]
) -> None:
    command = ["sh", "-c", "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ls /proc/self/fd"]
    direct = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    assert without_internal_signals(cli(*joined, *command).stdout) == without_internal_signals(direct)


def without_internal_signals(settings: str) -> str:
    """Signals 32 and 33 belong to glibc: its posix_spawn leaves them ignored, and every program sets them anew."""
    return re.sub(r"[0-9a-f]{16}", lambda mask: f"{int(mask[0], 16) & 0x7FFF_FFFF:x}", settings)


def test_an_ignored_signal_stays_ignored(environ: dict[str, str], joined: list[str]) -> None:
    script = f"trap '' HUP CHLD; exec {FIRSTTOKEN} {' '.join(joined)} sh -c 'kill -HUP $PPID $$; echo alive; exit 4'"
    done = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("alive\n", 4)


def test_signals_sent_to_us_reach_the_program(environ: dict[str, str], joined: list[str]) -> None:
    names = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH"]
    traps = "; ".join(f"trap 'echo got {name}' {name}" for name in names)
    with start(environ, *joined, "bash", "-c", f"{traps}; echo ready; until read -t 0.02; do :; done; exit 5") as run:
        expect_line(run, "ready\n")
        for name in names:
            run.send_signal(getattr(signal, f"SIG{name}"))
            expect_line(run, f"got {name}\n")
        _, err = run.communicate("end\n", timeout=30)
    assert run.returncode == 5
    assert err.startswith("firsttoken: no calls were seen")


def test_a_program_that_ignores_sigterm_is_not_left_alone(environ: dict[str, str], joined: list[str]) -> None:
    script = "trap '' TERM; echo ready; read line; exit 6"
    with start(environ, *joined, "sh", "-c", script) as run:
        expect_line(run, "ready\n")
        run.send_signal(signal.SIGTERM)
        run.communicate("go\n", timeout=30)
    assert run.returncode == 6


def test_the_program_outlives_us_when_we_are_killed(environ: dict[str, str], joined: list[str], tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    os.mkfifo(mark)
    script = f"echo ready; read line; echo still here > {mark}"
    with start(environ, *joined, "sh", "-c", script) as run:
        assert run.stdout is not None
        assert run.stdin is not None
        assert run.stdout.readline() == "ready\n"
        run.kill()
        run.wait(30)
        run.stdin.write("go\n")
        run.stdin.flush()
        assert mark.read_text() == "still here\n"


def test_a_terminal_is_the_programs(environ: dict[str, str], joined: list[str]) -> None:
    code = "import os; print([os.isatty(stream) for stream in range(3)], os.tcgetpgrp(0) == os.getpgrp())"
    with Terminal([FIRSTTOKEN, *joined, sys.executable, "-c", code], environ) as terminal:
        terminal.expect("[True, True, True] True")
        assert terminal.wait() == 0


def test_ctrl_c_reaches_the_program_once_and_does_not_end_us(environ: dict[str, str], joined: list[str]) -> None:
    code = (
        "import signal, sys; caught = []\n"
        "signal.signal(signal.SIGINT, lambda *_: (caught.append(1), print('caught', len(caught), flush=True)))\n"
        "print('ready', flush=True); sys.stdin.readline(); print('in all', len(caught)); sys.exit(9)"
    )
    with Terminal([FIRSTTOKEN, *joined, sys.executable, "-c", code], environ) as terminal:
        terminal.expect("ready")
        terminal.type("\x03")
        terminal.expect("caught 1")
        terminal.type("\n")
        terminal.expect("in all 1")
        assert terminal.wait() == 9


def test_an_interactive_python_can_be_interrupted_stopped_and_continued(
    environ: dict[str, str], joined: list[str]
) -> None:
    # Python 3.13 edits its lines itself and writes each of them anew at every key, unless it is told not to.
    surroundings = {**environ, "PS1": "shell> ", "PYTHON_BASIC_REPL": "1"}
    with Terminal(["/bin/bash", "--norc", "-i"], surroundings) as terminal:
        terminal.expect("shell> ")
        terminal.type(f"{FIRSTTOKEN} {' '.join(joined)} {sys.executable} -q\n")
        terminal.expect(">>> ")
        terminal.type("print(6 * 7)\n")
        terminal.expect("\n42\n>>> ")
        terminal.type("import time; print('sleeps'); time.sleep(60)\n")
        terminal.expect("\nsleeps")
        terminal.type("\x03")
        terminal.expect("KeyboardInterrupt\n>>> ")
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect("shell> ")
        terminal.type("fg\n")
        terminal.expect_foreground(lines=False)
        terminal.type("print(6 * 8)\n")
        terminal.expect("\n48\n>>> ")
        terminal.type("exit(3)\n")
        terminal.expect("shell> ")
        terminal.type("echo code $?\n")
        terminal.expect("code 3\n")


def test_a_program_that_reads_in_the_background_stops_like_any_job(environ: dict[str, str], joined: list[str]) -> None:
    with Terminal(["/bin/bash", "--norc", "-i"], {**environ, "PS1": "shell> "}) as terminal:
        terminal.expect("shell> ")
        terminal.type(f"{FIRSTTOKEN} {' '.join(joined)} cat & wait\n")
        terminal.expect("Stopped")
        terminal.type("fg\n")
        terminal.expect_foreground()
        terminal.type("words\n")
        terminal.expect("words\nwords\n")
        terminal.type("\x04")
        terminal.expect("no calls were seen")
        terminal.expect("shell> ")
