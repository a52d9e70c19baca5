"""The demonstration: a made-up region of councils, told as stories through the ordinary verbs. Nothing
imports it.
"""
