"""The public face of capture; usable from any other MCP server."""
