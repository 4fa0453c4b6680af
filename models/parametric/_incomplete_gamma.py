"""Logarithms of the incomplete gamma functions, also where the functions underflow."""

from __future__ import annotations

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray

__all__ = ["log_lower", "log_upper"]

_TINY = 1e-290
_TERMS = 200


def log_upper(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return ln Q(a, x), the logarithm of the regularised upper incomplete gamma function."""
    from scipy.special import gammaincc, gammaln

    value = gammaincc(a, x)
    with np.errstate(divide="ignore"):
        result = np.asarray(np.log(value))
    far = (value < _TINY) & np.isfinite(x)
    if far.any():
        a, x = (np.broadcast_to(each, value.shape)[far] for each in (a, x))
        result[far] = a * np.log(x) - x - gammaln(a) + np.log(_continued_fraction(a, x))
    return result


def log_lower(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return ln P(a, x), the logarithm of the regularised lower incomplete gamma function."""
    from scipy.special import gammainc, gammaln

    value = gammainc(a, x)
    with np.errstate(divide="ignore"):
        result = np.asarray(np.log(value))
    far = (value < _TINY) & (x > 0)
    if far.any():
        a, x = (np.broadcast_to(each, value.shape)[far] for each in (a, x))
        result[far] = a * np.log(x) - x - gammaln(a + 1) + np.log(_series(a, x))
    return result


def _continued_fraction(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return Gamma(a, x) e^x x^-a by the modified Lentz method, for x above a + 1.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.9.2. https://dlmf.nist.gov/8.9.
    """
    b = x + 1 - a
    c, d = np.full_like(b, 1e300), 1 / b
    value = d.copy()
    for k in range(1, _TERMS):
        numerator = -k * (k - a)
        b = b + 2
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        value = value * c * d
    return value


def _series(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return the sum of x^k / ((a + 1) ... (a + k)), for x below a.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.7.1. https://dlmf.nist.gov/8.7.
    """
    term = np.ones_like(x)
    total = term.copy()
    for k in range(1, _TERMS):
        term = term * x / (a + k)
        total = total + term
    return total
