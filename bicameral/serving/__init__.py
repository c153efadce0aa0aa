"""Serving: how the tools reach an MCP client over stdio, in both protocol eras, fast."""
