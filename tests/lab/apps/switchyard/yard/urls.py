# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""HTTP routes."""

from django.urls import path
from trains import views

urlpatterns = [
    path("healthz", views.healthz),
    path("api/registry", views.registry),
    path("api/mcp/servers", views.mcp_servers),
    path("api/almanac", views.timetable),
    path("api/plots/<int:plot>", views.siding),
    path("auth/session", views.sign_in),
]
