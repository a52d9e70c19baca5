"""Sessions, offers made before the day, and the register of who came."""
