"""The outside world of who somebody is: one protocol, OpenID Connect."""
