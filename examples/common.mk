# What the Makefiles of examples share: a stage of a pipe that fails fails its target, and
# no half-made file stays. The tools are those of this tree, where they are built. HERE is
# set before this is included.
SHELL = /bin/bash
.SHELLFLAGS = -e -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

export PATH := $(abspath $(HERE)../../build/bin):$(PATH)
export LC_ALL = C.UTF-8
