"""Switchyard: a Django project as django-admin lays it out, served by uvicorn."""
