"""Writing an ONNX graph node by node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

Array = npt.NDArray[Any]


@dataclass
class GraphWriter:
    """Collects nodes and constants; every method returns the name of its result."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def constant(self, name: str, value: Array) -> str:
        """Keep `value` under `name`; a second call with the same name returns the first."""
        from onnx import numpy_helper

        if name not in self._known:
            self._known.add(name)
            self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def apply(self, operator: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """Add one node with one output called `name`."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def split(self, source: str, names: Sequence[str], axis: int) -> Sequence[str]:
        """Cut `source` into equal parts along `axis`."""
        from onnx import helper

        node = helper.make_node(
            "Split", [source], list(names), name=f"{source}.split", axis=axis, num_outputs=len(names)
        )
        self.nodes.append(node)
        return names

    def linear(self, source: str, weight: Array, bias: Array, name: str) -> str:
        """source @ weight.T + bias, with `weight` as (out, in) the way checkpoints keep it."""
        product = self.apply("MatMul", [source, self.constant(f"{name}.weight", weight.T)], f"{name}.matmul")
        return self.apply("Add", [product, self.constant(f"{name}.bias", bias)], name)
