"""The Maps page: a model, or what there is to learn, as a map to print and as data."""
