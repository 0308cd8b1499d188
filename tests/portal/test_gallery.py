"""Every component and the form with all its errors in Chromium: axe, focus, width, without JavaScript too."""

import mimetypes
from pathlib import Path

import pytest
from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import expect

from tests.axe import WIDTHS, assert_no_violations, launch_arguments
from tests.portal.gallery import EveryField, gallery_context

pytestmark = pytest.mark.browser
ORIGIN = "http://gallery.test"
WRONG = "found_day=31&found_month=2&found_year=2026&how_many=x&title=far+too+long+for+its+twenty&ends=32+foo"


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return launch_arguments()


def request():
    made = RequestFactory().get("/")
    made.csp_nonce = "for-tests"
    return made


def render(template, context):
    return render_to_string(template, context, request=request())


@pytest.fixture
def show(browser):
    """Open a rendered page in a browser of a given width, its static files read from the working tree."""
    contexts = []

    def open_page(html, width, *, javascript=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=True, java_script_enabled=javascript
        )
        contexts.append(context)

        def answer(route):
            path = route.request.url.removeprefix(ORIGIN).split("?")[0]
            if path == "/":
                return route.fulfill(body=html, content_type="text/html; charset=utf-8")
            file = Path(settings.BASE_DIR) / path.lstrip("/")
            return route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])

        context.route("**/*", answer)
        page = context.new_page()
        page.goto(ORIGIN)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [*WIDTHS, 320])
@pytest.mark.parametrize("query", ["", WRONG])
def test_gallery_is_accessible_and_never_scrolls_sideways(show, width, query):
    """Every component, and the form with an error in every field, at three widths (WCAG 2.2 AA)."""
    form = EveryField(QueryDict(query)) if query else EveryField()
    assert_no_violations(show(render("components/gallery.html", gallery_context(form)), width))


@pytest.mark.parametrize("template", ["400", "403", "403_csrf", "404", "409", "429", "500"])
def test_error_pages_are_accessible(show, template):
    """The error pages at phone width."""
    assert_no_violations(show(render(f"{template}.html", {}), 390))


def error_page(query=WRONG):
    form = EveryField(QueryDict(query))
    return render("form_page.html", {"form": form, "heading": "Report a breach"})


def test_error_summary_takes_focus_and_leads_to_the_first_box(show):
    """After an error the summary has the focus, the title begins "Error:", a link leads into the day box."""
    page = show(error_page(), 1100)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: Report a breach")
    page.get_by_role("link", name="must be a real date, like 27 3 2027").click()
    expect(page.locator("#id_found_day")).to_be_focused()
    assert page.input_value("#id_found_day") == "31"


def test_forms_work_without_javascript(show):
    """With JavaScript off the summary takes focus by itself and a link of the summary moves to the input."""
    page = show(error_page(), 390, javascript=False)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Select the partner").click()
    assert page.url.endswith("#id_partner")


def test_table_becomes_cards_on_a_phone(show):
    """On a phone each row is a card: labels beside values, cells that say nothing are left out, roles are kept."""
    page = show(render("components/gallery.html", gallery_context(EveryField())), 390)
    assert page.locator(".portal-table tbody tr").first.evaluate("e => getComputedStyle(e).display") == "block"
    row = page.get_by_role("row").filter(has_text="Anyshire Police")
    assert row.get_by_role("rowheader").count() == 1
    assert row.locator('td[data-label="Date"]').is_hidden()
