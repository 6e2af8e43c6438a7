"""What takes how long, and may: see __main__.py."""
