"""Cells tagged `kernel-only` hold a control that needs a running kernel. On the page a sentence and a Colab link stand
where the control would be, so that nothing there looks alive and is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from extensions.repository import colab_url

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TAG = "tag_kernel-only"


class KernelOnly(SphinxPostTransform):
    """Put the note after the code of each such cell."""

    default_priority = 400

    def run(self, **_kwargs: object) -> None:
        for cell in list(self.document.findall(nodes.container)):
            if TAG in cell.get("classes", []):
                for output in [child for child in cell.children if "cell_output" in child.get("classes", [])]:
                    cell.remove(output)
                cell.append(_note(self.env.docname))


def _note(page: str) -> nodes.container:
    link = nodes.reference("", "open this chapter in Colab", refuri=colab_url(page), internal=False)
    text = "The control of this cell needs Python running behind it. To use it, "
    return nodes.container(
        "", nodes.paragraph("", "", nodes.Text(text), link, nodes.Text(".")), classes=["kernel-only"]
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(KernelOnly)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
