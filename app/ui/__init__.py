"""The look, the words and the window. words.py and say.py are free of flet, so the command line uses them too."""
