"""Numbers, marks, sentences and cells as they are printed, the same in every report."""
