# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""Django's settings."""

SECRET_KEY = "made-up"  # noqa: S105 - signs nothing
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "yard.urls"
INSTALLED_APPS = ["channels", "trains"]
LOGGING_CONFIG = None
USE_TZ = True
TIME_ZONE = "UTC"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tmp/yard.sqlite3"}}  # noqa: S108 - never made
PASS_KEY = "made-up-staging-key"  # noqa: S105 - made up
