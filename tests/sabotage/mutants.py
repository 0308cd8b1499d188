"""The checks in a function, each taken away once: by its syntax tree, so no check is forgotten and none is named here."""

import ast
import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType

NEVER, ALWAYS = ast.Constant(False), ast.Constant(True)


@dataclass(frozen=True)
class Change:
    """One check less. words: what stands in the line, and what was done to it."""

    words: str
    line: int
    code: CodeType


@contextmanager
def changed(functions: list[FunctionType], code: CodeType):
    """The functions (all made from one definition) run this code instead of their own. Who imported them, too."""
    before = functions[0].__code__
    for function in functions:
        function.__code__ = code
    try:
        yield
    finally:
        for function in functions:
            function.__code__ = before


def changes(function: FunctionType, only: str = "") -> Iterator[Change]:
    """Every check of the function, taken away. only: those whose words hold this (a regular expression)."""
    name, path = function.__code__.co_qualname, function.__code__.co_filename
    tree = parsed(path)
    for index, (words, line, _apply) in enumerate(edits(definition(tree, name))):
        if not re.search(only, words):
            continue
        copied = copy.deepcopy(tree)
        list(edits(definition(copied, name)))[index][2]()
        code = find_code(compile(ast.fix_missing_locations(copied), path, "exec"), name)
        if code.co_freevars == function.__code__.co_freevars:
            yield Change(words, line, code)


@lru_cache
def parsed(path: str) -> ast.Module:
    """The tree of a module."""
    with open(path, encoding="utf-8") as stream:
        return ast.parse(stream.read())


def definition(tree, qualname: str):
    """The definition with this name, as in __code__.co_qualname."""
    here = tree
    for part in qualname.replace(".<locals>", "").split("."):
        here = next(
            node for node in ast.walk(here) if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part
        )
    return here


def find_code(code: CodeType, qualname: str) -> CodeType:
    """The code of that name inside a compiled module."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == qualname:
                return constant
            if qualname.startswith(f"{constant.co_qualname}."):
                return find_code(constant, qualname)
    raise LookupError(qualname)


def edits(function):
    """(words, line, how to do it) for every check in a definition. Doing one spoils the tree for the others."""
    for node in ast.walk(function):
        for words, apply in of_node(node):
            yield words, node.lineno, apply


def of_node(node):
    """What can be taken from one node: conditions, parts of conditions, parts of filters and of intersections."""
    if isinstance(node, ast.If):
        refuses = "refuse " if any(isinstance(each, ast.Raise) for each in node.body) else ""
        yield f"{refuses}if {said(node.test)}: never", lambda: put(node, "test", both(ast.And(), node.test, NEVER))
    elif isinstance(node, ast.IfExp):
        yield f"… if {said(node.test)}: always", lambda: put(node, "test", both(ast.Or(), node.test, ALWAYS))
        yield f"… if {said(node.test)}: never", lambda: put(node, "test", both(ast.And(), node.test, NEVER))
    elif isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            yield f"without “{said(part)}” in “{said(node)}”", lambda index=index: neutral(node, index)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        yield f"without “& {said(node.right)}”", lambda: become(node, node.left)
        yield f"without “{said(node.left)} &”", lambda: become(node, node.right)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Compare):
        yield f"return {said(node.value)}: true", lambda: put(node, "value", both(ast.Or(), node.value, ALWAYS))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in {"filter", "exclude"}:
            yield from of_filter(node)
        elif node.func.attr == "visible_to":
            yield f"{said(node)}: all", lambda: everything(node)


def of_filter(node):
    """Each argument of filter() and exclude() left out."""
    parts = [*node.args, *node.keywords]
    for part in parts:
        words = f"{part.arg}={said(part.value)}" if isinstance(part, ast.keyword) else said(part)
        if len(parts) == 1:
            # `Model.filter` on a manager or queryset alike
            yield f".{node.func.attr}() without “{words}”", lambda: empty(node)
        else:
            yield f".{node.func.attr}() without “{words}”", lambda part=part: drop(node, part)


def said(node) -> str:
    """Its text, cut."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) < 70 else f"{text[:69]}…"


def both(operator, *parts):
    """`a and b` or `a or b`: the names of `a` stay in use, so what the function closes over stays the same."""
    return ast.BoolOp(operator, list(parts))


def put(node, name, value):
    """Set a part of the node."""
    setattr(node, name, value)


def neutral(node, index):
    """The part has no say any more."""
    part = node.values[index]
    if isinstance(node.op, ast.And):
        node.values[index] = both(ast.Or(), part, ALWAYS)
    else:
        node.values[index] = both(ast.And(), part, NEVER)


def become(node, other):
    """The node is the other one."""
    node.__class__ = other.__class__
    node.__dict__.update(other.__dict__)


def empty(node):
    """filter() of nothing: everything; exclude() of nothing would be everything too."""
    node.args, node.keywords = [], []


def everything(node):
    """all() in the place of visible_to(access)."""
    node.func.attr = "all"
    node.args, node.keywords = [], []


def drop(node, part):
    """Without this argument."""
    node.args = [each for each in node.args if each is not part]
    node.keywords = [each for each in node.keywords if each is not part]
