"""Speed of the simulator against SimPy and Ciw, on the same models in the same run."""
