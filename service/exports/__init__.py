"""Files for other systems: what is paid, and what was posted."""
