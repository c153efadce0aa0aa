"""One module per MCP tool: arguments in, one engine call, answer out."""
