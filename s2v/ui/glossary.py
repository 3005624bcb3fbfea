"""The terms of the pages, one plain sentence each: shown where the term stands, and as the help of columns.

glossary.show("tear", "rank agreement")     # a caption
glossary.sentence("tear")                   # "A tear is ..."
"""

from __future__ import annotations

import streamlit as st

TERMS = {
    "code": "The code of a place is the list of numbers that an encoder makes of it.",
    "similarity": (
        "The similarity of two places is the cosine of the angle between their codes: 1 is the same direction, 0 has "
        "nothing in common, −1 is the opposite."
    ),
    "half-width": (
        "The half-width is how far one must go from a place, on average over all directions, until the similarity has "
        "fallen to one half."
    ),
    "round kernel": (
        "A round kernel depends on distance alone; each encoder is compared with the one of its own half-width, so "
        "that what differs is the shape. For xyz it is xyz itself."
    ),
    "tear": (
        "A tear is the largest distance between two codes of one place, across the dateline or at a pole, in units of "
        "the code's spread over the sphere (root mean square): 0 is whole, 1.4 is as far apart as two places that "
        "have nothing to do with each other."
    ),
    "single-valued": "A code is single-valued at a pole if it is the same there for every longitude.",
    "rank agreement": (
        "Rank agreement says whether places that are farther apart get codes that are farther apart: Spearman's "
        "rank correlation of code distance with great-circle distance, 1 is perfect, 0 is chance."
    ),
    "by direction": (
        "“By direction” is how much the similarity of two places depends on the direction between them rather than on "
        "their distance: the standard deviation of the cosine over directions, 0 is distance alone."
    ),
    "stretch": (
        "The stretch is how many times longer the code makes a small step; largest over smallest says how long a "
        "small circle becomes: 1 is still a circle, 2 is twice as long as wide."
    ),
    "area factor": (
        "The area factor is how many times larger the code makes a small area, in units of the code's own scale "
        "squared: 1 everywhere keeps areas."
    ),
    "poles alike": (
        "“Poles alike” is the similarity of the North Pole to the South Pole: at 1 both have the same code, so that "
        "nothing can be learned of one that is not said of the other."
    ),
    "reference predictor": (
        "A reference predictor fills a map from the training places without any network or training; its few constants "
        "are chosen on validation places."
    ),
    "inverse distance": (
        "Inverse distance predicts the mean of the nearest places, each weighted by a power of one over its distance."
    ),
    "kriging": (
        "Kriging predicts the weighted mean of the nearest places that has the smallest expected error, given how "
        "values differ with distance; it also knows how large that error is."
    ),
    "nearest neighbours": "Nearest neighbours predict the shares of the classes among the nearest training places.",
    "kernel density": (
        "Kernel density puts a small round hill on each place where a class was seen; where its hills add up highest, "
        "the class is most probable."
    ),
    "standard error": (
        "The standard error says how far a new observation may lie from the prediction: it is their usual distance."
    ),
    "variogram": (
        "A variogram is half the mean squared difference between two places, by their distance. Of data it is that of "
        "values, or of the indicators of classes; of a code it is exactly γ = 1 − similarity."
    ),
    "sill": (
        "The sill is the mean of the variogram over all pairs of places. Curves are drawn as shares of it, so that "
        "their shapes can be compared."
    ),
    "half-sill distance": (
        "The half-sill distance is where a variogram first reaches half its sill: nearer places are alike, farther "
        "ones are not."
    ),
    "principal components": (
        "Principal components are the directions in which the code varies most over the sphere; three of them can be "
        "drawn."
    ),
}


def sentence(term: str) -> str:
    """What a term means, in one sentence; ``KeyError`` for a term that is not in ``TERMS``."""
    return TERMS[term]


def show(*terms: str) -> None:
    """A caption with one line for each of the terms, where they stand on the page."""
    st.caption("  \n".join(TERMS[term] for term in terms))
