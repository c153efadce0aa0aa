"""What every room writes, one table for each: above the rooms, so that it sees their structs."""
