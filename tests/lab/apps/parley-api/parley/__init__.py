"""Parley: a small chat assistant for allotment gardeners, served over HTTP and WebSocket.

It is the service under test of the lab: sound as it stands here; a scenario breaks it by an edit.
"""
