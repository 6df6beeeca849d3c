"""Run with the tools in MFPIPE_BIN or PATH: python3 -m unittest discover -s tests -t ."""
