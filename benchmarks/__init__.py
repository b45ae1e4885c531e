"""Measurements, each beside what a reader would otherwise use. None of them is a test."""
