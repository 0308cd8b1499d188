"""Addresses of meetings under /<framework>/."""

from django.urls import path, register_converter

from portal import packs, views_agenda, views_meetings, views_minutes


class Part:
    """A part of the papers of a meeting."""

    regex = f"{packs.OPEN}|{packs.RESTRICTED}"

    @staticmethod
    def to_python(value: str) -> str:
        return value

    @staticmethod
    def to_url(value: str) -> str:
        return value


class Direction(Part):
    """Where an item moves."""

    regex = "up|down"


register_converter(Part, "part")
register_converter(Direction, "direction")

urlpatterns = [
    path("meetings/", views_meetings.meetings_list, name="meetings"),
    path("meetings/new/", views_meetings.new, name="meeting-new"),
    path("meetings/<int:pk>/", views_meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/move/", views_meetings.move, name="meeting-move"),
    path("meetings/<int:pk>/cancel/", views_meetings.cancel, name="meeting-cancel"),
    path("meetings/<int:pk>/hold/", views_meetings.hold, name="meeting-hold"),
    path("meetings/<int:pk>/update/", views_agenda.update, name="agenda-update"),
    path("meetings/<int:pk>/publish/", views_agenda.publish, name="agenda-publish"),
    path("meetings/<int:pk>/items/new/", views_agenda.item_new, name="item-new"),
    path("meetings/<int:pk>/pack/<part:part>.pdf", views_agenda.pack, name="meeting-pack"),
    path("meetings/<int:pk>/minutes/", views_minutes.minutes_page, name="minutes"),
    path("meetings/<int:pk>/minutes/finish/", views_minutes.finish, name="minutes-finish"),
    path("meetings/<int:pk>/minutes/circulate/", views_minutes.circulate, name="minutes-circulate"),
    path("meetings/<int:pk>/minutes/<part:part>.pdf", views_minutes.minutes_pdf, name="minutes-pdf"),
    path("agenda-items/<int:pk>/edit/", views_agenda.item_edit, name="item-edit"),
    path("agenda-items/<int:pk>/move/<direction:where>/", views_agenda.item_move, name="item-move"),
    path("agenda-items/<int:pk>/remove/", views_agenda.item_remove, name="item-remove"),
    path("agenda-items/<int:pk>/put-back/", views_agenda.item_put_back, name="item-put-back"),
    path("agenda-items/<int:pk>/decide/", views_minutes.decide, name="item-decide"),
    path("agenda-items/<int:pk>/minutes/", views_minutes.write, name="minute-write"),
    path("agenda-items/<int:pk>/correct/", views_minutes.correct, name="minute-correct"),
    path("agenda-items/<int:pk>/papers/new/", views_agenda.paper_new, name="paper-new"),
    path("agenda-items/<int:pk>/board-paper/", views_agenda.board_paper, name="board-paper"),
    path("agenda-items/<int:pk>/board-paper.pdf", views_agenda.board_paper_pdf, name="board-paper-pdf"),
    path("agenda-items/<int:pk>/board-paper.docx", views_agenda.board_paper_word, name="board-paper-word"),
    path("papers/<int:pk>/", views_agenda.paper, name="paper"),
    path("papers/<int:pk>/remove/", views_agenda.paper_remove, name="paper-remove"),
    path("boards/<int:pk>/rules/", views_meetings.rules, name="board-rules"),
]
