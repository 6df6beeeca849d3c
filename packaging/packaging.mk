# What goes out of the tree: a release, the manual pages as HTML, Debian's packages.
# docs/packaging.md says more.

DIST = $(BUILD)/mfpipe-$(VERSION).tar.gz

.PHONY: dist html
## dist        a release, build/mfpipe-VERSION.tar.gz; the same bytes twice
dist:
	@mkdir -p $(BUILD)
	@packaging/dist $(DIST)
	@echo $(DIST)

## html        the manual pages as HTML, with an index, in build/html (mandoc)
html:
	@packaging/html $(BUILD)/html $(MAN)
	@echo $(BUILD)/html/index.html
