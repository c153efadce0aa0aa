"""The spool: rows that wait to be sent, written so that none is lost and none queued twice."""
