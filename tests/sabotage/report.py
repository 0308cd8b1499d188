"""The table of the sabotage set at the end of `script/test slow`, whichever process ran it."""


def pytest_terminal_summary(terminalreporter):
    """Lines that a test recorded as "sabotage"."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, lines in getattr(report, "user_properties", []):
                if name == "sabotage":
                    terminalreporter.section("guards taken away one at a time")
                    terminalreporter.write_line("\n".join(lines))
