"""What schemathesis loads before it runs: one thread at a time parses Python.

Before 3.11.9 CPython counts the depth of a syntax tree for all threads together, and with several workers a run ends, rarely, in
`SystemError: AST constructor recursion depth mismatch` (https://github.com/python/cpython/issues/106905). Hypothesis parses the
source of strategies, so the API is not to blame, and the run is lost.
"""

import ast
import sys
import threading

if sys.version_info < (3, 11, 9):
    parse, alone = ast.parse, threading.RLock()

    def parse_alone(*args, **kwargs):
        with alone:
            return parse(*args, **kwargs)

    ast.parse = parse_alone
