"""script/screens photographs every page: a route without a picture, or a picture without a route, fails here."""

from tests.addresses import addresses
from tests.screens.pages import NO_PAGE, PAGES

OF_THE_DEMONSTRATION = {"demo", "demo-mail", "demo-sign-in"}


def names():
    """Names of all addresses; one without a name could not be photographed."""
    found = {address.name for address in addresses()}
    assert "" not in found
    return found | OF_THE_DEMONSTRATION


def test_every_page_route_is_photographed():
    """Each address is in the list of pages, or is said to be no page, never both."""
    shown = {page.name for page in PAGES}
    missing = names() - shown - set(NO_PAGE)
    assert not missing, f"Add to tests/screens/pages.py: {sorted(missing)}"
    assert not shown & set(NO_PAGE)


def test_list_of_pages_names_no_route_that_is_gone():
    """What the list names still exists."""
    listed = {page.name for page in PAGES if page.name} | set(NO_PAGE)
    assert listed <= names(), sorted(listed - names())


def test_pictures_do_not_overwrite_each_other():
    """Each entry has a file name of its own."""
    files = [page.file for page in PAGES]
    assert sorted(set(files)) == sorted(files)
