"""The encrypted store. Nothing else in the project knows SQL."""
