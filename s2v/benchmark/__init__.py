"""The benchmark: every encoder and every reference predictor on many data sets, with several seeds.

A **cell** of its tables is one training, or one fit, of one recipe: ``cell`` computes it.  ``suites`` says which cells
there are, ``runner`` has them computed on a cluster, ``results`` keeps each finished one in a file, exactly once,
``table`` compares the contestants, ``claims`` judges what the paper says, and ``phase`` says where multi-scale codes of
the sphere are ahead.  Free of torch but for what runs on the workers.
"""

from s2v.benchmark.cell import compute
from s2v.benchmark.results import Results, ResultsError
from s2v.benchmark.runner import Progress, run
from s2v.benchmark.suites import SUITES, Suite

__all__ = ["SUITES", "Progress", "Results", "ResultsError", "Suite", "compute", "run"]
