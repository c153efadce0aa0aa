"""Language servers: programs asked where a name is defined, when the syntax cannot tell."""
