"""The first protocol, from an empty installation to the public register, in browsers, on the Haringey text."""

from django.core.management import call_command

from tests.journeys.people import Person

ADMIN = "callum.verity@example.org"


def test_first(server, looker):
    with server.inside():
        call_command(
            "create_framework", "Haringey Strategic Partnership", "haringey", organisation="Haringey Council",
            board="Children and Young People's Strategic Partnership Board",
            admin_email=ADMIN, admin_name="Callum Verity", admin_title="Partnership Manager", verbosity=0,
        )
    admin = Person(server, looker, ADMIN)
    admin.accept()
    print(admin.page.url, admin.page.locator("main").inner_text())
    admin.page.context.clear_cookies()
    admin.sign_in(path="/me/")
    print(admin.page.url, admin.page.locator("main").inner_text())
