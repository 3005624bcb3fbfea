"""What scikit-learn has a class for and expects by that class; without it, classes of the same kind.

Imported only where one of them is raised or warned: scikit-learn takes a while to load, and need not be installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["DataConversionWarning", "NotFittedError"]

if TYPE_CHECKING:

    class NotFittedError(ValueError, AttributeError):
        """The estimator was used before it was fitted."""

    class DataConversionWarning(UserWarning):
        """Data were given in another shape than wanted."""

else:
    try:
        from sklearn.exceptions import DataConversionWarning, NotFittedError
    except ImportError:

        class NotFittedError(ValueError, AttributeError):
            """The estimator was used before it was fitted."""

        class DataConversionWarning(UserWarning):
            """Data were given in another shape than wanted."""
