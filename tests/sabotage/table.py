"""What the sabotage set found, in lines."""

from tests.sabotage.survivors import SURVIVORS


def table(results: list[dict]) -> list[str]:
    """The share caught by kind, then the survivors with the reason why they may."""
    lines = []
    for kind in dict.fromkeys(result["kind"] for result in results):
        mine = [result for result in results if result["kind"] == kind]
        lines.append(f"{kind:26} {caught(mine):4} of {len(mine):4}  {sum(result['seconds'] for result in mine):6.0f} s")
    lines.append(
        f"{'all':26} {caught(results):4} of {len(results):4}  {100 * caught(results) / len(results):.1f} % caught"
    )
    for name in [f"{result['kind']}: {result['name']}" for result in results if not result["by"]]:
        lines.append(f"survived: {name}\n    {SURVIVORS.get(name, 'NOT EXPLAINED')}")
    return lines


def caught(results) -> int:
    """How many turned a test red."""
    return sum(bool(result["by"]) for result in results)
