"""Detecting what is private in a text by its form: secrets, addresses, personal data, chance."""
