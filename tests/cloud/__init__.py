"""Servers on the loopback that speak the Cloud Logging API, over gRPC and over HTTP, and fail on demand.

In: log entries as REST spells them (`logs`), and what is to go wrong (`faults`). Out: an endpoint that any client of
`entries.list` can be pointed at, and a record of every call (`calls`). Both servers give the same entries.
"""
