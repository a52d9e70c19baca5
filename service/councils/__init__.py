"""Who is who: councils, their staff, their keys."""
