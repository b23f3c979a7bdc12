"""What is printed: sheets set from templates in assets/paper, with no network and no system font."""
