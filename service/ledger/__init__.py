"""What has been paid, for ever."""
