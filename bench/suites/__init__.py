"""Ready-made suites, one TOML file each."""
