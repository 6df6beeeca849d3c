"""The tests; the tools are those of MFPIPE_BIN or PATH. README.md has the command."""
