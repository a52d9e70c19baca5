"""How is a policy file read? Text to nodes, nodes to layers, layers to a typed tree."""
