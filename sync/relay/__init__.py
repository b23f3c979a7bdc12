"""The link server: a blind SMART Health Links server (HL7 SMART Health Cards and Links STU1).

The blind invariant, in one sentence: everything the relay stores or sends about a record is
ciphertext under a key it was never given, and it knows a link and its owner only by SHA-256.

What it does see, and THREATS.md says so: the passcode while it is typed, the name a recipient gives,
addresses, sizes and times. link.py is one link as a pure state machine, folder.py keeps links on
disk, app.py speaks HTTP. Nothing here imports what could open a file (crypto/jwe.py), and a test says so.
"""
