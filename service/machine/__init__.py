"""How does one machine become the whole service? The embedded servers, the supervisor, the first start.

Nothing in the service imports this folder; `./run`, `./test` and the tests do.
"""
