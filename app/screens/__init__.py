"""A screen is a function of a frozen state and a set of events; it reads no store and knows no action."""
