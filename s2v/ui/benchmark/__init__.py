"""The page of the benchmark: stored results, the verdict on the paper, when it pays, published tables, a live run."""

# The whole package, before a module of it: Python gives up with an error where one thread imports a module and another
# its package at the same time, as the engine's start in the background does.
import s2v.engine  # noqa: F401
