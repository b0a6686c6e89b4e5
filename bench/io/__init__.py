"""Files that are whole or not there, rows of text files, typed values as tables, and the hub."""
