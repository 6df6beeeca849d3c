#!/usr/bin/env python3
"""scale.py FACTOR < BUNDLE > BUNDLE: a stage that multiplies every value."""
import sys
try:
    import mfpipe
except ImportError as missing:
    sys.exit(f'scale.py: {missing}; in the folder of mfpipe: "pip install ./python"')

@mfpipe.stage
def scale(bundle, factor: float):
    return bundle.with_values(bundle.ratings.values * factor)

if __name__ == '__main__':
    scale.main()
