"""The demonstration goes on: more of its story, for the pictures."""

from portal.models import User
from signatories import demo


class Again(demo.Story):
    """The demonstration's story, told further on its own framework."""

    def __init__(self, framework, *, now):
        super().__init__(framework.slug, now=now)
        self.framework = framework
        self.user = {user.email: user for user in User.objects.all()}
