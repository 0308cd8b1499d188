"""Remake portal/data/bank_holidays.json from the ``holidays`` package (a development dependency).

    python script/make_bank_holidays.py [FIRST_YEAR LAST_YEAR]

Read the difference before you commit it: a changed past is a mistake of one of the two, and a new date
makes recalculations that people will see. Titles are those that GOV.UK prints; an unknown one stops the script.
"""

import json
import re
import sys
from datetime import date
from pathlib import Path

import holidays

TABLE = Path(__file__).resolve().parent.parent / "portal" / "data" / "bank_holidays.json"
SUBDIVISIONS = {"england-and-wales": ("ENG", "WLS"), "scotland": ("SCT",), "northern-ireland": ("NIR",)}
TITLES = {
    "New Year's Day": "New Year’s Day",
    "New Year Holiday": "2nd January",
    "Saint Patrick's Day": "St Patrick’s Day",
    "Good Friday": "Good Friday",
    "Easter Monday": "Easter Monday",
    "May Day": "Early May bank holiday",
    "Coronation of Charles III": "Coronation of King Charles III",
    "Spring Bank Holiday": "Spring bank holiday",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee bank holiday",
    "Scotland's participation in the FIFA World Cup final": "World Cup bank holiday",
    "Battle of the Boyne": "Battle of the Boyne (Orangemen’s Day)",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
    "State Funeral of Queen Elizabeth II": "State funeral of Queen Elizabeth II",
    "Saint Andrew's Day": "St Andrew’s Day",
    "Christmas Day": "Christmas Day",
    "Boxing Day": "Boxing Day",
}


def title(day: date, name: str) -> str:
    """The title GOV.UK prints. Where one day carries two names (2 January 2023 in Scotland), the day's own wins."""
    name = name.split("; ")[0]
    plain, observed = re.subn(r" \(observed\)$", "", name)
    known = TITLES[plain]
    if plain == "May Day" and day == date(2020, 5, 8):
        return f"{known} (VE day)"
    if observed and plain == "New Year Holiday" and day.day == 3:
        # 1 January was a Sunday: Monday is 2 January itself, Tuesday stands for the 1st.
        known = TITLES["New Year's Day"]
    return f"{known}, substitute day" if observed else known


def main(first: int = 2019, last: int = 2030) -> None:
    nations = {}
    for nation, subdivisions in SUBDIVISIONS.items():
        tables = [holidays.country_holidays("GB", subdiv=part, years=range(first, last + 1)) for part in subdivisions]
        if any(set(table) != set(tables[0]) for table in tables):
            sys.exit(f"The parts of {nation} have different bank holidays: {subdivisions}")
        # A holiday at a weekend takes no working day; its substitute stands in the table in its own right.
        rows = sorted((day, name) for day, name in tables[0].items() if day.weekday() < 5)
        nations[nation] = [{"date": day.isoformat(), "title": title(day, name)} for day, name in rows]
    data = {
        "made_by": "script/make_bank_holidays.py",
        "made_from": f"holidays {holidays.__version__}",
        "first": date(first, 1, 1).isoformat(),
        "horizon": date(last, 12, 31).isoformat(),
        "nations": nations,
    }
    text = json.dumps(data, indent=1, ensure_ascii=False)
    # One holiday a line, so that a change reads as one line.
    text = re.sub(r'\{\n\s+"date": ("[^"]+"),\n\s+"title": ("[^"]+")\n\s+\}', r'{"date": \1, "title": \2}', text)
    TABLE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(int(year) for year in sys.argv[1:]))
