"""Run the command as `python -m kmrepro`."""

from .cli import main

main(prog_name="kmrepro")
