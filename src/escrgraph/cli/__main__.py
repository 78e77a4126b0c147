"""`python -m escrgraph.cli` is the command escrgraph."""

from escrgraph.cli import main

if __name__ == "__main__":
    main(prog_name="escrgraph")
