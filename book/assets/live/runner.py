"""Runs the page's cells one after another in one namespace, as a notebook does."""

import ast
import linecache
import sys
import traceback

namespace = {"__name__": "__main__"}


def run(source, number):
    """Run a cell. Gives a dict: "value" is the last expression's repr, "error" the text of what went wrong."""
    name = f"<cell {number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    try:
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), name, "eval"), namespace) if last else None
        return {} if value is None or source.rstrip().endswith(";") else {"value": repr(value)}
    except BaseException as error:
        return {"error": told(error, name)}
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def told(error, name):
    """The error with the lines of the reader's own cells that led to it, the last call last."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell ")]
    places = []
    for frame in lines:
        where = f"line {frame.lineno}" if frame.filename == name else f"{frame.filename[1:-1]}, line {frame.lineno}"
        places.append(f"{where}: {frame.line}")
    if isinstance(error, SyntaxError) and error.filename == name:
        places = [f"line {error.lineno}: {(error.text or '').rstrip()}"]
    message = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]
    if isinstance(error, ModuleNotFoundError):
        message += ". The page has Python's own library and CartPole. "
        message += f"For {error.name}, open this chapter in Colab (button at the top)."
    return "\n".join([*places, message])
