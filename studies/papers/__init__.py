"""The bundled study files, one TOML per paper."""
