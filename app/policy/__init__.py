"""What may go to whom, for how long. Pure."""
