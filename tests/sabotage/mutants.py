"""The checks in a function, each taken away once: by its syntax tree, so no check is forgotten and none is named here.

The same tree tells which tests can notice: those in which the check decided something (`watched`). Without a check that
never refused in a test, the test runs as with it.
"""

import ast
import builtins
import copy
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import CodeType, FunctionType

NEVER, ALWAYS = ast.Constant(False), ast.Constant(True)
HERE = Path(__file__).parents[2]
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NOTED = "__noted_by_sabotage__"


@dataclass(frozen=True)
class Change:
    """One check less. words: what stands in the line, and what was done to it. code: makes the function's code without it.
    key: where it decides (`watched`)."""

    words: str
    code: Callable[[], CodeType]
    key: str


@dataclass(frozen=True)
class Edit:
    """One check in a tree. apply: take it away. place: (node or list, field or index, or nothing) of the expression that decides, and
    decides: the answer of it that would be missed. Without a place, running the function is all that is known."""

    words: str
    apply: Callable[[], None]
    place: tuple | None = None
    decides: bool = True


@contextmanager
def changed(functions: list[FunctionType], make: Callable[[], CodeType]):
    """The functions (all made from one definition) run this code instead of their own. Who imported them, too."""
    before, code = functions[0].__code__, make()
    for function in functions:
        function.__code__ = code
    try:
        yield
    finally:
        for function in functions:
            function.__code__ = before


def changes(function: FunctionType, only: str = "") -> Iterator[Change]:
    """Every check of the function, taken away. only: those whose words hold this (a regular expression)."""
    code = function.__code__
    for index, (words, edit) in enumerate(named(definition(statement(code), code.co_qualname))):
        if not re.search(only, words):
            continue
        make = partial(less, code, index)
        if not code.co_freevars or make().co_freevars == code.co_freevars:
            yield Change(words, make, f"{key_of(function)}: {words}" if edit.place else key_of(function))


def less(code: CodeType, index: int) -> CodeType:
    """The code without the check of this number."""
    tree = copy.deepcopy(statement(code))
    next(islice(edits(definition(tree, code.co_qualname)), index, None)).apply()
    return compiled(tree, code)


def compiled(tree: ast.Module, code: CodeType) -> CodeType:
    """The code of the same function in this tree."""
    return find_code(compile(ast.fix_missing_locations(tree), code.co_filename, "exec"), code.co_qualname)


def key_of(function: FunctionType) -> str:
    """That the function ran at all."""
    return key_of_code(function.__code__)


def key_of_code(code: CodeType) -> str:
    """The same by its code."""
    return f"{os.path.relpath(code.co_filename, HERE)} {code.co_qualname}"


@contextmanager
def watched(functions: list[FunctionType], seen: set[str]):
    """Each function as it is, and what its checks decide is put into the set: the keys of its changes."""

    def note(key: str, value, decides: bool):
        lazy = hasattr(value, "_fetch_all")  # a queryset is not asked for the sake of watching
        if lazy or bool(value) is decides:
            seen.add(key)
        return value

    setattr(builtins, NOTED, note)
    before = [(function, function.__code__) for function in functions]
    for function, code in before:
        function.__code__ = watching(code)
    try:
        yield
    finally:
        for function, code in before:
            function.__code__ = code
        delattr(builtins, NOTED)


@cache
def watching(code: CodeType) -> CodeType:
    """The code with a note at its beginning and at each of its checks."""
    tree = copy.deepcopy(statement(code))
    function, whole = definition(tree, code.co_qualname), key_of_code(code)
    for words, edit in list(named(function)):
        if edit.place:
            holder, part = edit.place
            set_part(holder, part, noting(f"{whole}: {words}", get_part(holder, part), edit.decides))
    function.body.insert(has_docstring(function), ast.Expr(noting(whole, ALWAYS, True)))
    found = compiled(tree, code)
    return found if found.co_freevars == code.co_freevars else code


def noting(key, expression, decides) -> ast.Call:
    """A call that notes the value of the expression and gives it back."""
    return ast.Call(ast.Name(NOTED, ast.Load()), [ast.Constant(key), expression, ast.Constant(decides)], [])


def get_part(holder, part):
    """Of a node or a list, or a call itself."""
    if not part and isinstance(holder, ast.Call):
        return ast.Call(holder.func, holder.args, holder.keywords)
    return holder[part] if isinstance(holder, list) else getattr(holder, part)


def set_part(holder, part, value) -> None:
    """Of a node or a list, or a call itself."""
    if not part and isinstance(holder, ast.Call):
        become(holder, value)
    elif isinstance(holder, list):
        holder[part] = value
    else:
        setattr(holder, part, value)


def has_docstring(function) -> bool:
    """1 of them stays first."""
    first = function.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


@cache
def parsed(path: str) -> ast.Module:
    """The tree of a module."""
    with open(path, encoding="utf-8") as stream:
        return ast.parse(stream.read())


def statement(code: CodeType) -> ast.Module:
    """Of the module, the statement alone that holds this function: all that has to be copied and compiled for a change."""
    tree, name = parsed(code.co_filename), code.co_qualname.split(".")[0]
    return ast.Module([next(each for each in tree.body if holds(each, name))], [])


def holds(node: ast.stmt, name: str) -> bool:
    """Is this, or holds this, the definition of that name?"""
    if isinstance(node, DEFINITIONS):
        return node.name == name
    return any(holds(each, name) for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt))


def definition(tree, qualname: str):
    """The definition with this name, as in __code__.co_qualname."""
    here = tree
    for part in qualname.replace(".<locals>", "").split("."):
        here = next(node for node in ast.walk(here) if isinstance(node, DEFINITIONS) and node.name == part)
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


def named(function) -> Iterator[tuple[str, Edit]]:
    """Every check with words that no other check of the definition has."""
    times = Counter[str]()
    for edit in edits(function):
        times[edit.words] += 1
        yield f"{edit.words} ({times[edit.words]})" if times[edit.words] > 1 else edit.words, edit


def edits(function) -> Iterator[Edit]:
    """Every check in a definition. Applying one spoils the tree for the others."""
    for node in ast.walk(function):
        yield from of_node(node)


def of_node(node) -> Iterator[Edit]:
    """What can be taken from one node: conditions, parts of conditions, parts of filters and of intersections."""
    if isinstance(node, ast.If):
        yield of_test(node, f"{refusal(node)}if {said(node.test)}: never", never=True)
        if refusal(node) and isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
            for index, part in enumerate(node.test.values):
                yield of_part(node.test, index, f"{refusal(node)}if {said(node.test)}: not for “{said(part)}”")
    elif isinstance(node, ast.IfExp):
        yield of_test(node, f"… if {said(node.test)}: always", never=False)
        yield of_test(node, f"… if {said(node.test)}: never", never=True)
    elif isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            yield of_part(node, index, f"without “{said(part)}” in “{said(node)}”")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        yield Edit(f"without “& {said(node.right)}”", lambda: become(node, node.left))
        yield Edit(f"without “{said(node.left)} &”", lambda: become(node, node.right))
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Compare):
        always = both(ast.Or(), node.value, ALWAYS)
        words = f"return {said(node.value)}: true"
        yield Edit(words, lambda: put(node, "value", always), (node, "value"), decides=False)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from of_call(node)


def of_test(node, words, *, never) -> Edit:
    """The condition of an `if` that holds never, or always. It is missed where it holds, or where it does not."""
    instead = both(ast.And(), node.test, NEVER) if never else both(ast.Or(), node.test, ALWAYS)
    return Edit(words, lambda: put(node, "test", instead), (node, "test"), decides=never)


def of_part(node, index, words) -> Edit:
    """One part of `a and b`, missed where it does not hold, or of `a or b`, missed where it holds."""
    place = (node.values, index)
    return Edit(words, lambda: neutral(node, index), place, decides=isinstance(node.op, ast.Or))


def refusal(node: ast.If) -> str:
    """What it raises, in words."""
    for each in node.body:
        if isinstance(each, ast.Raise) and each.exc is not None:
            error = each.exc.func if isinstance(each.exc, ast.Call) else each.exc
            return f"refuse ({said(error)}) "
    return ""


def of_call(node) -> Iterator[Edit]:
    """filter(), exclude(), visible_to() and can()."""
    if node.func.attr in {"filter", "exclude"}:
        yield from of_filter(node)
    elif node.func.attr == "visible_to":
        yield Edit(f"{said(node)}: all", lambda: everything(node))
    elif node.func.attr == "can" and node.args:
        # what is called is kept, and may say what it likes
        asked = ast.Call(node.func, node.args, node.keywords)
        always = both(ast.Or(), asked, ALWAYS)
        yield Edit(f"{said(node)}: true", lambda: become(node, always), (node, ""), decides=False)


def of_filter(node) -> Iterator[Edit]:
    """Each argument of filter() left out; exclude() as a whole, because with one argument less it excludes more."""
    parts = [*node.args, *node.keywords]
    words = [
        said(part) if not isinstance(part, ast.keyword) else f"{part.arg or '**'}={said(part.value)}" for part in parts
    ]
    if len(parts) == 1 or node.func.attr == "exclude":
        # `Model.filter` on a manager or queryset alike
        yield Edit(f".{node.func.attr}() without “{', '.join(words)}”", lambda: empty(node))
        return
    for part, what in zip(parts, words, strict=True):
        yield Edit(f".filter() without “{what}”", lambda part=part: drop(node, part))


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
