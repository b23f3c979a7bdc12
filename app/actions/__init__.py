"""One function for each thing a patient does. Screens and the command line call these and nothing below."""
