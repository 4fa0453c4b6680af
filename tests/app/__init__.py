"""The page on the server."""

TWO_ENDPOINTS = """id = "two"
time_unit = "months"

[arms]
N = "New drug"
C = "Control"
""" + "".join(
    f"""
[[endpoint]]
name = "{name}"

[endpoint.arms.N]
n = 40

[endpoint.arms.C]
n = 40
"""
    for name in ("OS", "PFS")
)
