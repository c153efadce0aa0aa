"""The `bicameral-mcp` command: the same handlers as the MCP tools, for a person's terminal."""
