"""Whisper whose decoder self-attention keeps a latent: the model, the conversion and what its cache holds."""
