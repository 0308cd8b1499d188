"""Deadlines are about breaches and their controllers (portal.subjects). Their words hold nothing of what happened."""

from breaches.models import Breach, Controller
from portal import subjects

subjects.register(
    Breach,
    subjects.Kind(
        visible_to=Breach.objects.visible_to,
        words=str,
        href=Breach.get_absolute_url,
        protocol=lambda breach: breach.protocol_id,
        to_protocol="protocol",
    ),
)
subjects.register(
    Controller,
    subjects.Kind(
        visible_to=Controller.objects.visible_to,
        words=str,
        href=Controller.get_absolute_url,
        protocol=lambda controller: controller.breach.protocol_id,
        to_protocol="breach__protocol",
    ),
)
