"""The sizes of a pretrained encoder -> the names and shapes of its weights, as `BertEncoder` has them."""

from dataclasses import dataclass

from ner.core.errors import NerError


class EncoderError(NerError):
    """The files of an encoder are missing, damaged, or of another architecture."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Sizes of an encoder in BERT's layout (Devlin et al. 2019). XLM-R's layout differs only in its first position."""

    pieces: int  # of the vocabulary
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int  # most pieces of a window, with the two that mark its bounds
    epsilon: float  # of layer normalisation

    def __post_init__(self) -> None:
        if self.hidden % self.heads:
            raise EncoderError(f"expected a multiple of {self.heads} heads as hidden size. Received: {self.hidden}")


def weight_shapes(config: EncoderConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight by name, in order. Matrices are (in, out); query, key and value share one."""
    wide, inner = config.hidden, config.feed_forward
    shapes: dict[str, tuple[int, ...]] = {
        "words": (config.pieces, wide),
        "positions": (config.positions, wide),
        "norm.scale": (wide,),
        "norm.offset": (wide,),
    }
    for number in range(config.layers):
        layer: dict[str, tuple[int, ...]] = {
            "attention.kernel": (wide, 3 * wide),
            "attention.bias": (3 * wide,),
            "attention_output.kernel": (wide, wide),
            "attention_output.bias": (wide,),
            "attention_norm.scale": (wide,),
            "attention_norm.offset": (wide,),
            "feed_forward.kernel": (wide, inner),
            "feed_forward.bias": (inner,),
            "feed_forward_output.kernel": (inner, wide),
            "feed_forward_output.bias": (wide,),
            "feed_forward_norm.scale": (wide,),
            "feed_forward_norm.offset": (wide,),
        }
        shapes |= {f"layer_{number}.{name}": shape for name, shape in layer.items()}
    return shapes
