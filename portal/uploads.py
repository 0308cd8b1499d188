"""How large a request may be: an upload over the limit is refused by its announced size, before its body is read."""

from django.conf import settings
from django.shortcuts import render

from portal.guards import Guard

# What a form sends besides its file
BESIDES = 100_000


class UploadLimitMiddleware(Guard):
    """Stands before the CSRF check, which would read the body to find its token."""

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """413 with what to do. A body without a length is never read by the server at all."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced[:19]) > settings.UPLOAD_MAX_BYTES + BESIDES:
            context = {"megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000, "again": request.path}
            response = render(request, "413.html", context, status=413)
            response["Connection"] = "close"
            return response
        return None
