"""The professional's app: scan, judge, show what was granted, forget it. Its compose.py alone uses the network."""
