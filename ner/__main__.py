"""`python -m ner`."""

from ner.cli.commands import main

if __name__ == "__main__":
    main(prog_name="ner")
