"""The link server: keeps sealed files for a while and never sees content or key."""
