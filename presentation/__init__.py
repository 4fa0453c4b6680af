"""Numbers, tables and small drawings as text and HTML: a leaf that knows no class of kmrepro.

Every other room may import it; it imports none of them.
"""
