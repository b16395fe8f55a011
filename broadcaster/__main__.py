"""`python -m broadcaster`: the command line."""

from broadcaster.cli import main

if __name__ == "__main__":
    main(prog_name="broadcaster")
