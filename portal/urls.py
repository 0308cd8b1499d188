"""All addresses of the portal: the composition root.

Apps hang their pages under /<framework>/. Words that stand in its place are RESERVED_SLUGS.
"""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
