"""What is on the path of every Python that the suite starts."""
