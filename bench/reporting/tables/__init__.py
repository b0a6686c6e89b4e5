"""Reports as Markdown and CSV."""
