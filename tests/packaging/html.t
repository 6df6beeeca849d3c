#!/bin/sh
test_description='make html: the manual pages, an index of them, and links that lead somewhere'
. "$(dirname "$0")/../cli/setup.sh"

test_expect_success 'a page for each manual page; nothing is left of those that are gone' '
	mkdir html && touch html/gone.1.html && "$TOP/packaging/html" html "$TOP"/man/* && test ! -e html/gone.1.html &&
	for page in "$TOP"/man/*
	do
		grep -q "<section class=.Sh.>" html/"${page##*/}".html || return 1
	done
'
test_expect_success 'every link leads to a page and a place that are there; the index has all pages' '
	python3 "$TOP/tests/packaging/links.py" html
'
test_expect_success 'and what leads nowhere is found' '
	cp -R html broken && echo "<a href=\"mf-als.1.html#nowhere\"></a><a href=\"none.html\"></a>" >>broken/index.html &&
	touch broken/more.1.html && ! python3 "$TOP/tests/packaging/links.py" broken >found && test $(wc -l <found) -eq 3
'
test_expect_success 'the index says of a page what the page says of itself' '
	grep -A 1 ">mf-info(1)</a></dt>" html/index.html | grep -qx "<dd>$(sed -n "s/^\.Nd //p" "$TOP/man/mf-info.1")</dd>"
'
test_expect_success 'pages of others are named and not linked to; the foot has the version, not the machine' '
	grep -q "make(1)" html/mfpipe.7.html && ! grep -q "make.1.html\|\"other:" html/*.html &&
	grep -q ">mfpipe $(sed -n "s/.*MF_VERSION \"\(.*\)\"/\1/p" "$TOP/include/mf/version.h")</td>" html/mf-als.1.html
'

test_done
