"""Mutants: a function with one of its rules turned off.

Owns which rules a function has (conditions, filters, parts of `and` and `or`, comparisons at their edge) and the code
with one of them turned off. Does not own which functions are tried, nor what runs on them (`run`).
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule of one function, turned off: where it stands, and the whole function as it then is."""

    function: str
    line: int
    says: str
    tree: ast.FunctionDef


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method, as `name` or `Class.name`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{m.name}", m) for m in node.body if isinstance(m, ast.FunctionDef))


def mutants(name: str, function: ast.FunctionDef) -> Iterator[Mutant]:
    """The function with each of its rules turned off, one at a time."""
    for place, node in enumerate(ast.walk(function)):
        for n, says in enumerate(_rules(node)):
            tree = copy.deepcopy(function)
            mutated = next(x for i, x in enumerate(ast.walk(tree)) if i == place)
            _turn_off(mutated, n)
            line = getattr(node, "lineno", getattr(getattr(node, "iter", None), "lineno", function.lineno))
            yield Mutant(name, line, says, ast.fix_missing_locations(tree))


def _rules(node: ast.AST) -> list[str]:
    """What can be turned off in a node, in words."""
    match node:
        case ast.If() | ast.IfExp():
            return [f"if {ast.unparse(node.test)} → always", f"if {ast.unparse(node.test)} → never"]
        case ast.comprehension(ifs=[_, *_]):
            return [f"filter {ast.unparse(each)} → all" for each in node.ifs]
        case ast.BoolOp():
            word = "and" if isinstance(node.op, ast.And) else "or"
            return [f"{word} {ast.unparse(each)} → left out" for each in node.values]
        case ast.Compare(ops=[op]) if type(op) in EDGES:
            return [f"{ast.unparse(node)} → {EDGES[type(op)].__name__}"]
        case ast.UnaryOp(op=ast.Not()):
            return [f"{ast.unparse(node)} → without not"]
        case _:
            return []


def _turn_off(node: ast.AST, rule: int) -> None:
    match node:
        case ast.If() | ast.IfExp():
            node.test = ast.Constant(value=rule == 0)
        case ast.comprehension():
            node.ifs[rule] = ast.Constant(value=True)
        case ast.BoolOp():
            node.values[rule] = ast.Constant(value=isinstance(node.op, ast.And))
        case ast.Compare():
            node.ops = [EDGES[type(node.ops[0])]()]
        case ast.UnaryOp():
            node.op = ast.UAdd()
            node.operand = ast.Call(
                func=ast.Name(id="bool", ctx=ast.Load()), args=[node.operand], keywords=[]
            )
        case _:
            raise TypeError(f"{type(node).__name__} has no rules")
