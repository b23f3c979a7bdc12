"""The commands of `passport`, a module for each subject. Each has `add_to`, which names its commands to the parser."""
