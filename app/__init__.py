"""What a person sees and decides. It starts in __main__.py and is wired in compose.py."""
