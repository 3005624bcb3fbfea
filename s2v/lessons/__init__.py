"""Lessons: short texts that lead through the pages, with predictions, checks and measured numbers.  Free of torch.

A lesson is a file in ``assets/lessons/LANGUAGE/``; ``docs/lessons.md`` says how to write one.
"""

from s2v.lessons.catalogue import NAMES, load
from s2v.lessons.checks import Facts, RaceFacts, unmet
from s2v.lessons.parser import Lesson, LessonError, Step, parse

__all__ = ["NAMES", "Facts", "Lesson", "LessonError", "RaceFacts", "Step", "load", "parse", "unmet"]
