"""The small faults that a hand makes: where in a module each can be made, and the module with one of them in it."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OTHER_WAY = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Change:
    """One fault: which of a module's nodes becomes another one; told by its function and its line before and after."""

    module: str
    number: int
    line: int
    where: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """What tells the fault from every other one while lines move; the same text twice in a function is one."""
        return f"{self.module} {self.where}: {self.before} -> {self.after}"


def changes_of(module: str, source: str) -> list[Change]:
    """Every fault that can be made in the module, in the order of its text."""
    tree = ast.parse(source)
    found = []
    for number, (path, where, new) in enumerate(list(_faults(tree))):
        old, statement = _at(tree, path), _statement(tree, path)
        before = _head(_at(tree, statement))
        _put(tree, path, new)
        after = _head(_at(tree, statement))
        _put(tree, path, old)
        found.append(Change(module, number, getattr(old, "lineno", 0), where, before, after))
    return found


def changed(source: str, number: int) -> ast.Module:
    """The module with this fault in it."""
    tree = ast.parse(source)
    for place, (path, _, new) in enumerate(_faults(tree)):
        if place == number:
            _put(tree, path, new)
            return ast.fix_missing_locations(tree)
    raise IndexError(number)


_Path = tuple[tuple[str, int | None], ...]


def _faults(tree: ast.Module) -> Iterator[tuple[_Path, str, ast.AST | None]]:
    """(where the node is, its function, what it becomes); None takes a statement away."""
    for path, where, node in _walk(tree, (), ""):
        for new in _others(node):
            yield path, where, new


def _walk(node: ast.AST, path: _Path, where: str) -> Iterator[tuple[_Path, str, ast.AST]]:
    """Every node whose meaning tests can see: no texts, no annotations, no decorators, nothing told to a person."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}" if where else node.name
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr) or _is_text(node) or _is_memory(node):
        return
    yield path, where, node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "type_params", "slice"} and not (
            name == "slice" and isinstance(value, ast.Slice)
        ):
            continue
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (name, None)), where)
        elif isinstance(value, list):
            for place, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _walk(each, (*path, (name, place)), where)


def _is_text(node: ast.AST) -> bool:
    """A docstring, or a sentence for people: its wording is no rule."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"m", "cast"}


def _is_memory(node: ast.AST) -> bool:
    """How a record lies in memory, which changes no answer."""
    return isinstance(node, ast.keyword) and node.arg == "gc"


def _others(node: ast.AST) -> Iterator[ast.AST | None]:  # noqa: C901, PLR0912 - a list of the kinds of faults
    match node:
        case ast.Compare(ops=[op, *rest]) if type(op) in OTHER_WAY:
            yield _like(node, ops=[OTHER_WAY[type(op)](), *rest])
            if rest and type(rest[0]) in OTHER_WAY:
                yield _like(node, ops=[op, OTHER_WAY[type(rest[0])]()])
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in OTHER_WAY:
            yield _like(node, op=OTHER_WAY[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.AugAssign(op=op) if type(op) in OTHER_WAY:
            yield _like(node, op=OTHER_WAY[type(op)]())
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Call(func=ast.Name("Decimal"), args=[ast.Constant(value=str() as text)]):
            yield _like(node, args=[ast.Constant(f"{text}1" if "." in text else f"{text}.1")])
        case ast.Call(func=ast.Name(id=name)) if name in OTHER_NAME:
            yield _like(node, func=ast.Name(OTHER_NAME[name], ast.Load()))
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield _like(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Expr(value=ast.Call()):
            yield None


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _like(node: ast.AST, **other: object) -> ast.AST:
    fields = dict(ast.iter_fields(node)) | other
    return ast.copy_location(type(node)(**fields), node)


def _at(tree: ast.AST, path: _Path) -> ast.AST:
    node = tree
    for name, place in path:
        value = getattr(node, name)
        node = value if place is None else value[place]
    return node


def _put(tree: ast.AST, path: _Path, new: ast.AST | None) -> None:
    *way, (name, place) = path
    parent = _at(tree, tuple(way))
    new = new or ast.Pass()
    if place is None:
        setattr(parent, name, new)
    else:
        getattr(parent, name)[place] = new


def _statement(tree: ast.AST, path: _Path) -> _Path:
    """The way to the statement in which something stands."""
    best: _Path = ()
    for length in range(1, len(path) + 1):
        if isinstance(_at(tree, path[:length]), ast.stmt):
            best = path[:length]
    return best


def _head(statement: ast.AST) -> str:
    """The statement without the block beneath it."""
    bare = copy.copy(statement)
    for block in ("body", "orelse", "finalbody", "handlers"):
        if isinstance(getattr(bare, block, None), list):
            setattr(bare, block, [])
    return " ".join(ast.unparse(ast.fix_missing_locations(bare)).split())
