"""What the figures share: an ES module from its parts, and one style sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anywidget
import traitlets

FOLDER = Path(__file__).parent
SPEEDS = (0.1, 0.25, 1.0)  # of figures whose time runs; 1 is real time
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


def module(name: str) -> str:
    """The figure's ES module as one text: the modules that it imports, each once, and then its own.

    anywidget loads a module from its text, and such a module cannot import its neighbours. In the parts a name that is
    declared at the top level is declared in no other part.
    """
    parts: dict[str, str] = {}

    def collect(part: str) -> None:
        source = (FOLDER / f"{part}.js").read_text(encoding="utf-8")
        for needed in IMPORT.findall(source):
            collect(needed)
        parts.setdefault(part, IMPORT.sub("", source))

    collect(name)
    own = parts.pop(name)
    return "\n".join([*(re.sub(r"^export ", "", part, flags=re.MULTILINE) for part in parts.values()), own])


def style() -> str:
    """The style sheet of all figures."""
    return (FOLDER / "figure.css").read_text(encoding="utf-8")


def rounded(data: Any, digits: int) -> Any:
    """Plain data with each float rounded to `digits` significant digits: a page carries its figures' state as text."""
    if isinstance(data, float):
        return float(f"{data:.{digits}g}")
    if isinstance(data, dict):
        return {name: rounded(value, digits) for name, value in data.items()}
    return [rounded(value, digits) for value in data] if isinstance(data, list | tuple) else data


class Figure(anywidget.AnyWidget):
    """A figure that answers when touched: in Jupyter, on Colab, and with no kernel on the published page.

    A subclass has the name of its ES module in `_name`, and its state in traits tagged `sync=True`: numbers, text and
    plain data that JSON holds. The module exports `markup(state)`, which gives the figure as HTML text, and `render`,
    which brings that to life (anywidget's front-end module).
    """

    _name: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "_name" in cls.__dict__:  # and not where anywidget derives a class, to give an object its traits
            cls._esm = module(cls._name)
            cls._css = style()
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        return f"upright.widgets.{type(self).__name__}"


class TimedFigure(Figure):
    """A figure whose time runs at one of SPEEDS. A subclass may begin with another one."""

    speed = traitlets.Float(1.0).tag(sync=True)

    @traitlets.validate("speed")
    def _check_speed(self, proposal: Any) -> float:
        if proposal.value not in SPEEDS:
            raise traitlets.TraitError(f"speed is {proposal.value}; it is one of 0.1, 0.25 and 1 (real time)")
        return float(proposal.value)
