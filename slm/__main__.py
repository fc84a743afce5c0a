"""Puts the parts together: the command line with its daemon, the daemon with its engine."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from slm.daemon import guard

if TYPE_CHECKING:
    from slm.cli.argv import Options
    from slm.daemon.dialects import Handlers
    from slm.daemon.process import Stop
    from slm.paths import Paths


def main() -> int:
    """Run the command line in this process and return its exit code."""
    argv = sys.argv[1:]
    _open_standard_files()
    if "daemon" in argv and "run" in argv:  # before anything else is imported
        guard.install()
    from slm.cli.context import Parts
    from slm.cli.hosts import in_client

    return in_client(argv, Parts(serve=serve, bench=bench))


def _open_standard_files() -> None:
    """Give a process that was started with closed ones empty ones."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(descriptor, "w" if number else "r", encoding="utf-8"))  # noqa: PTH123, SIM115


def serve(options: Options) -> int:
    """Be the daemon until told to stop."""
    guard.install()
    from slm.daemon.process import run_daemon
    from slm.paths import Paths

    paths = Paths(os.environ, socket=options.socket, config=options.config)
    return run_daemon(partial(handlers, paths), paths)


def handlers(paths: Paths, stop: Stop) -> Handlers:
    """What answers the daemon's requests; it is ready at once, the model and the kernels load meanwhile."""
    del stop
    from slm.cli.hosts import in_daemon
    from slm.config import Config
    from slm.daemon.dialects import Handlers
    from slm.engine.service import Service
    from slm.watch.watcher import Watcher

    config = Config.load(Path(paths.config))
    service = Service(Path(paths.data), config, socket=paths.published_socket)
    watcher = Watcher(service)

    def close() -> None:
        watcher.close()
        service.close()

    idle_s = 60.0 * config.daemon.idle_exit_minutes or None
    return Handlers(partial(in_daemon, service.call), service.call, close, idle_s)


def bench(argv: list[str]) -> int:
    """Run a benchmark and print its table."""
    from slm.bench.app import run

    return run(argv)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while modules were still being read
        sys.exit(130)
