"""Reciprocal: pays people with lived experience for their time and costs."""
