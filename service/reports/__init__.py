"""What can be read off the books: statements, letters, exports, checks."""
