"""Files that are whole or not there, rows of text files, and the hub."""
