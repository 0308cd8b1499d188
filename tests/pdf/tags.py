"""The structure tree of a PDF with its text, as `pdfinfo -struct-text` prints it, in a hundredth of its time.

Poppler draws the page anew for each element. That both say the same is tested (test_valid.py).
"""

import re
from functools import cache
from pathlib import Path

import pikepdf

CODES = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


@cache
def structure(path: Path) -> str:
    """One line for each element, indented; its text in quotation marks below it."""
    with pikepdf.open(path) as pdf:
        said = {page.objgen: spoken(page) for page in pdf.pages}
        return "\n".join(lines(pdf.Root.StructTreeRoot, said, None, -1))


def lines(element, said, page, depth):
    """Of an element of the tree and all below it."""
    page = element.get("/Pg", page)
    if "/S" in element:
        yield "  " * depth + str(element.S).removeprefix("/")
    for kid in kids(element):
        if isinstance(kid, int):
            yield "  " * (depth + 1) + f'"{said[page.objgen].get(kid, "")}"'
        elif "/S" in kid:
            yield from lines(kid, said, page, depth + 1)
        elif kid.get("/Type") == "/MCR":
            yield "  " * (depth + 1) + f'"{said[kid.get("/Pg", page).objgen].get(int(kid.MCID), "")}"'


def kids(element):
    """What is directly in an element."""
    held = element.get("/K", [])
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def spoken(page) -> dict[int, str]:
    """Number of marked content → its text."""
    fonts = {name: alphabet(font) for name, font in page.get("/Resources", {}).get("/Font", {}).items()}
    found: dict[int, str] = {}
    marks, letters = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            marks.append(int(operands[1].MCID) if name == "BDC" and "/MCID" in operands[1] else None)
        elif name == "EMC":
            marks.pop()
        elif name == "Tf":
            letters = fonts[str(operands[0])]
        elif (
            name in ("Tj", "TJ")
            and (number := next((one for one in reversed(marks) if one is not None), None)) is not None
        ):
            pieces = operands[0] if name == "TJ" else operands
            codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
            text = "".join(letters.get(codes[at : at + 2], "") for at in range(0, len(codes), 2))
            found[number] = found.get(number, "") + text
    return found


def alphabet(font) -> dict[bytes, str]:
    """Code of two bytes → what it stands for."""
    table = font.ToUnicode.read_bytes() if "/ToUnicode" in font else b""
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in CODES.findall(table)
    }
