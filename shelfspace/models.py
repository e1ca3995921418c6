"""The course's networks: item tower, user towers, two-tower model and household encoder.

They are built of parts. An `ItemTower` turns items into vectors. A user tower (`PooledHistory` or
`EventTransformer`) turns a history, vectors with a mask and ages, into one vector. `TwoTower` joins
the two into a recommender; `HouseholdEncoder` turns a bag of items into a household's features, and
`WithHead` adds the projection head that contrastive training wants and throws away afterwards.

Conventions: a mask is True where an event is real; padding may hold anything, NaN included; ages
are days before the moment at which the history is looked at. Initial weights come from a `seed`;
global random state is left alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from shelfspace.training import seeded

PoolHistory = Callable[[Tensor, Tensor, Tensor, float], Tensor]
"""`pool_history(vectors (b, t, d), mask (b, t), ages (b, t), half_life) -> (b, d)`."""


@dataclass(frozen=True)
class TransformerSize:
    """The size of a transformer encoder."""

    n_layers: int
    width: int
    n_heads: int
    feed_forward: int
    dropout: float = 0.1


SMALL = TransformerSize(n_layers=2, width=64, n_heads=4, feed_forward=256)
"""Trains in seconds on a CPU."""

BASE = TransformerSize(n_layers=12, width=768, n_heads=12, feed_forward=3072)
"""BERT-base (Devlin et al. 2019): 85 million parameters without embeddings."""


def time_embedding(ages: Tensor, width: int) -> Tensor:
    """Sines and cosines of ages: (..., width), as of the dtype of `ages`.

    The sinusoids of Vaswani et al. (2017) with an event's age for its position. Wavelengths grow
    geometrically from 2 days (events are known to the day, so shorter ones say nothing) to 4 years
    (so that no two ages within a year look alike).

    Parameters
    ----------
    ages : (...) float tensor
        Days.
    width : int
        Even.
    """
    shares = torch.linspace(0, 1, width // 2, dtype=ages.dtype, device=ages.device)
    wavelengths = 2.0 * (4 * 365.25 / 2.0) ** shares
    angles = 2 * math.pi * ages.unsqueeze(-1) / wavelengths
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def _gelu(x: Tensor) -> Tensor:
    # torch replaces a layer by a fused kernel at prediction time if it knows the activation. That
    # kernel rounds differently from the layer that was trained, and is NaN where all is masked. It
    # does not know this function, so training and prediction compute the same thing.
    return F.gelu(x)


class EventTransformer(nn.Module):
    """A transformer encoder over a household's events: (b, t, in_width) -> (b, out_width).

    Pre-norm layers (Xiong et al. 2020), which train without a delicate warm-up. The order of events
    is known by their ages alone, so it does not matter in which order they are handed in. An empty
    history gets a learned vector.

    Parameters
    ----------
    in_width : int
        Width of an event's vector.
    size : TransformerSize
        `SMALL`, `BASE` or another.
    pool : "mean" or "class"
        The mean over the real events, or the output at an extra token, as in BERT.
    out_width : int or None
        Width of the output; None means that of the transformer.
    seed : int
        Of the initial weights.
    """

    def __init__(
        self,
        in_width: int,
        size: TransformerSize = SMALL,
        *,
        pool: Literal["mean", "class"] = "mean",
        out_width: int | None = None,
        seed: int,
    ) -> None:
        if pool not in ("mean", "class"):
            raise ValueError(f"pool must be 'mean' or 'class', got {pool!r}")
        super().__init__()
        self.in_width = in_width
        self.out_width = out_width or size.width
        self.size = size
        self.pool = pool
        with seeded(seed):
            layer = nn.TransformerEncoderLayer(
                size.width,
                size.n_heads,
                size.feed_forward,
                size.dropout,
                activation=_gelu,
                batch_first=True,
                norm_first=True,
            )
            # Normalised, so that an event's vector weighs as much as its time, whatever its scale.
            self.enter = nn.Sequential(nn.Linear(in_width, size.width), nn.LayerNorm(size.width))
            # Nested tensors drop columns that are padding in every row, so they stay off.
            self.layers = nn.TransformerEncoder(
                layer, size.n_layers, norm=nn.LayerNorm(size.width), enable_nested_tensor=False
            )
            self.token = nn.Parameter(torch.empty(size.width))  # the class token, or 'empty'
            self.leave = nn.Linear(size.width, out_width) if out_width else nn.Identity()
            self._draw_weights()

    def _draw_weights(self) -> None:
        """Initial weights as in BERT.

        `nn.TransformerEncoder` copies one layer, weights included: its layers must be drawn anew,
        or all of them start alike.
        """
        for name, parameter in self.named_parameters():
            if parameter.ndim > 1 or name == "token":
                nn.init.trunc_normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, vectors: Tensor, mask: Tensor, ages: Tensor) -> Tensor:
        """The histories' vectors: (b, out_width).

        Parameters
        ----------
        vectors : (b, t, in_width) float tensor
        mask : (b, t) bool tensor
        ages : (b, t) float tensor
            Days.
        """
        padding = ~mask
        vectors = vectors.masked_fill(padding.unsqueeze(-1), 0.0)
        ages = ages.masked_fill(padding, 0.0).to(self.token.dtype)
        x = self.enter(vectors) + time_embedding(ages, self.size.width)
        # The token stands in front of every history, so that no row is all padding: attention over
        # nothing is NaN. With pool="mean", only an empty history ever looks at it.
        empty = ~mask.any(dim=1)
        x = torch.cat([self.token.to(x.dtype).expand(len(x), 1, -1), x], dim=1)
        hidden = ~empty if self.pool == "mean" else torch.zeros_like(empty)
        padding = torch.cat([hidden.unsqueeze(1), padding], dim=1)
        x = self.layers(x, src_key_padding_mask=padding)
        if self.pool == "class":
            return self.leave(x[:, 0])
        real = (~padding).to(x.dtype).unsqueeze(-1)
        return self.leave((x * real).sum(dim=1) / real.sum(dim=1))


class PooledHistory(nn.Module):
    """A user tower of decayed means: (b, t, in_width) -> (b, out_width).

    The history is pooled once per half-life (what the household buys these weeks, this season and
    ever), each mean is scaled to length 1, and a linear map plus a two-layer network mix them.

    Parameters
    ----------
    in_width : int
        Width of an event's vector.
    pool_history : callable
        `pool_history(vectors, mask, ages, half_life) -> (b, in_width)`.
    half_lives : sequence of float
        In days; `math.inf` is a plain mean.
    hidden : int
        Width of the network's hidden layer.
    out_width : int or None
        Width of the output; None means `in_width`.
    dropout : float
        Of the hidden layer.
    seed : int
        Of the initial weights.
    """

    def __init__(
        self,
        in_width: int,
        pool_history: PoolHistory,
        *,
        half_lives: Sequence[float] = (21.0, 84.0, math.inf),
        hidden: int = 128,
        out_width: int | None = None,
        dropout: float = 0.1,
        seed: int,
    ) -> None:
        super().__init__()
        self.in_width = in_width
        self.out_width = out_width or in_width
        self.pool_history = pool_history
        self.half_lives = tuple(half_lives)
        pooled_width = in_width * len(self.half_lives)
        with seeded(seed):
            self.linear = nn.Linear(pooled_width, self.out_width)
            self.network = nn.Sequential(
                nn.Linear(pooled_width, hidden),
                nn.GELU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, self.out_width),
            )

    def forward(self, vectors: Tensor, mask: Tensor, ages: Tensor) -> Tensor:
        """The histories' vectors: (b, out_width); arguments as of `EventTransformer`."""
        means = [self.pool_history(vectors, mask, ages, life) for life in self.half_lives]
        pooled = torch.cat([F.normalize(mean, dim=1, eps=1e-6) for mean in means], dim=1)
        return self.linear(pooled) + self.network(pooled)


class ItemTower(nn.Module):
    """Items as vectors: embedding of the id + embeddings of attributes + a map of the text.

    Whatever is known only by id is unknown for a new item. So `id_dropout` hides the id of a random
    part of the items in each training pass, which makes the attributes and the text carry their
    share (after Volkovs et al. 2017, DropoutNet), and items flagged `cold` never get an id part.

    Parameters
    ----------
    width : int
        Width of the vectors.
    attributes : (n_items, n_columns) int tensor
        Codes from 0; no columns is fine.
    text : (n_items, k) float tensor or None
        Fixed text vectors.
    cold : (n_items,) bool tensor or None
        Items that are represented by attributes and text only.
    id_dropout : float
        Probability that an item's id part is dropped in a training pass.
    seed : int
        Of the initial weights.
    """

    def __init__(
        self,
        width: int,
        attributes: Tensor,
        text: Tensor | None = None,
        *,
        cold: Tensor | None = None,
        id_dropout: float = 0.0,
        seed: int,
    ) -> None:
        super().__init__()
        n_items = len(attributes)
        if text is not None and len(text) != n_items:
            raise ValueError(f"text has {len(text)} rows, but attributes describe {n_items} items")
        self.width = width
        self.n_items = n_items
        self.id_dropout = id_dropout
        # Data, not weights: they move with the module and stay out of checkpoints.
        self.attributes: Tensor
        self.cold: Tensor
        self.text: Tensor | None
        cold = torch.zeros(n_items, dtype=torch.bool) if cold is None else cold.clone()
        self.register_buffer("attributes", attributes.long().clone(), persistent=False)
        self.register_buffer("cold", cold, persistent=False)
        self.register_buffer("text", None if text is None else text.clone(), persistent=False)
        with seeded(seed):
            self.ids = _embedding(n_items, width)
            self.columns = nn.ModuleList(
                _embedding(int(column.max()) + 1 if n_items else 0, width)
                for column in attributes.T
            )
            self.of_text = None if text is None else nn.Linear(text.shape[1], width)

    def forward(self, items: Tensor | None = None, text: Tensor | None = None) -> Tensor:
        """The vectors of items: (..., width).

        Parameters
        ----------
        items : (...) int tensor or None
            Item numbers, of any shape; None means all in order.
        text : (..., k) float tensor or None
            Text vectors of these items in place of the fixed ones: those of a text encoder that is
            being trained, say.
        """
        if items is None:
            items = torch.arange(self.n_items, device=self.attributes.device)
        elif text is None and items.numel() > self.n_items:
            return F.embedding(items, self())  # cheaper: each item once
        hidden = self.cold
        if self.training and self.id_dropout:
            hidden = hidden | (torch.rand(self.n_items, device=hidden.device) < self.id_dropout)
        total = self.ids(items).masked_fill(hidden[items].unsqueeze(-1), 0.0)
        for number, embedding in enumerate(self.columns):
            total = total + embedding(self.attributes[items, number])
        if self.of_text is not None:
            assert self.text is not None
            total = total + self.of_text(self.text[items] if text is None else text)
        return total


def _embedding(count: int, width: int) -> nn.Embedding:
    """An embedding whose rows have a length of about 1."""
    embedding = nn.Embedding(count, width)
    nn.init.normal_(embedding.weight, std=width**-0.5)
    return embedding


class TwoTower(nn.Module):
    """A recommender whose score is one dot product of a user vector and an item vector.

    Beside the towers there may be 'wide' terms (after Cheng et al. 2016): dot products of given
    user and item features, each times one learned weight. They are appended to the vectors, so
    that the sum of all terms still is one dot product, and any index for vectors can serve it.

    Parameters
    ----------
    items : ItemTower
        Used for the candidates and for the items of a history.
    users : module
        `users(vectors, mask, ages) -> (b, items.width)`: `PooledHistory` or `EventTransformer`.
    wide : sequence of tensors
        Item features, one per term: (n_items, k) floats, or (n_items,) int codes for a one-hot of
        k = largest code + 1. User features of the same k are handed to `user_vectors`. Two
        examples: recent popularity is (n_items, 1) against a user feature of ones; a household's
        affinity to product types is the items' type codes against (b, n_types).
    nonnegative : bool
        Whether the terms' weights are kept above 0; else they are free.
    normalise : bool
        Whether the towers' vectors (not the wide parts) are scaled to length 1.
    """

    def __init__(
        self,
        items: ItemTower,
        users: nn.Module,
        *,
        wide: Sequence[Tensor] = (),
        nonnegative: bool = True,
        normalise: bool = False,
    ) -> None:
        super().__init__()
        self.items = items
        self.users = users
        self.nonnegative = nonnegative
        self.normalise = normalise
        self.n_terms = len(wide)
        for number, features in enumerate(wide):
            if len(features) != items.n_items:
                raise ValueError(
                    f"wide term {number} has {len(features)} rows for {items.n_items} items"
                )
            self.register_buffer(f"wide_{number}", features.clone(), persistent=False)
        # 0 is a weight of log 2 after softplus, and none at all where weights are free.
        self.wide_weights = nn.Parameter(torch.zeros(self.n_terms))

    def user_vectors(
        self, items: Tensor, mask: Tensor, ages: Tensor, wide: Sequence[Tensor] = ()
    ) -> Tensor:
        """The users' vectors: (b, width + widths of the wide terms).

        Parameters
        ----------
        items : (b, t) int tensor
            Item numbers of each history.
        mask : (b, t) bool tensor
        ages : (b, t) float tensor
            Days.
        wide : sequence of (b, k) float tensors
            User features, one per wide term.
        """
        if len(wide) != self.n_terms:
            raise ValueError(f"the model has {self.n_terms} wide terms, got {len(wide)} features")
        vectors = self.users(self.items(items.masked_fill(~mask, 0)), mask, ages)
        weights = F.softplus(self.wide_weights) if self.nonnegative else self.wide_weights
        parts = [weight * part for weight, part in zip(weights, wide, strict=True)]
        return torch.cat([self._scaled(vectors), *parts], dim=1)

    def item_vectors(self, items: Tensor | None = None, text: Tensor | None = None) -> Tensor:
        """The items' vectors: (n, width + widths of the wide terms); arguments as of `ItemTower`.

        `items` is one-dimensional here.
        """
        parts = [self._scaled(self.items(items, text))]
        for number in range(self.n_terms):
            features = self.get_buffer(f"wide_{number}")
            chosen = features if items is None else features[items]
            if features.ndim == 1:
                chosen = F.one_hot(chosen, int(features.max()) + 1)
            parts.append(chosen.to(parts[0].dtype))
        return torch.cat(parts, dim=1)

    def _scaled(self, vectors: Tensor) -> Tensor:
        return F.normalize(vectors, dim=1, eps=1e-6) if self.normalise else vectors


class HouseholdEncoder(nn.Module):
    """A household's features from the bag of what it bought: (b, width).

    An item counts log(1 + how often), times a learned gate, and a household's counts are scaled to
    length 1: so neither how much it buys nor milk decides. The weighted sum of the items' vectors
    is normalised (Ba et al. 2016, layer normalisation) and goes through a network. The order of
    the items plays no part.

    Parameters
    ----------
    items : ItemTower
    hidden : int
        Width of the network's hidden layer.
    width : int
        Width of the features.
    gate : (n_items,) float tensor or None
        Initial gates, such as inverse document frequencies; None means ones.
    dropout : float
        Of the hidden layer.
    seed : int
        Of the initial weights.
    """

    def __init__(
        self,
        items: ItemTower,
        *,
        hidden: int = 512,
        width: int = 256,
        gate: Tensor | None = None,
        dropout: float = 0.1,
        seed: int,
    ) -> None:
        super().__init__()
        self.items = items
        self.out_width = width
        initial = torch.ones(items.n_items) if gate is None else gate.detach().clone().float()
        if initial.shape != (items.n_items,):
            raise ValueError(f"gate has the shape {tuple(initial.shape)}, not ({items.n_items},)")
        self.gate = nn.Parameter(initial)
        with seeded(seed):
            self.network = nn.Sequential(
                nn.LayerNorm(items.width),
                nn.Linear(items.width, hidden),
                nn.GELU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, width),
            )

    def forward(self, items: Tensor, counts: Tensor) -> Tensor:
        """The households' features: (b, width).

        Parameters
        ----------
        items : (b, t) int tensor
            Item numbers.
        counts : (b, t) tensor
            How often each was bought; 0 is padding, and its item number may be anything.
        """
        real = counts > 0
        items = items.masked_fill(~real, 0)
        amounts = torch.log1p(counts.clamp_min(0).to(self.gate.dtype)) * self.gate[items]
        weights = F.normalize(amounts, dim=1, eps=1e-6)
        ends = real.sum(dim=1).cumsum(dim=0)
        bags = F.embedding_bag(
            items[real],
            self.items(),
            torch.cat([ends.new_zeros(1), ends[:-1]]),
            mode="sum",
            per_sample_weights=weights[real],
        )
        return self.network(bags)


class WithHead(nn.Module):
    """An encoder followed by a projection head, both at hand: `model.encoder`, `model.head`.

    The loss sees `model(...)`; what is used afterwards is `model.encoder`, because the head throws
    away what does not help to tell positives from negatives (Chen et al. 2020, SimCLR).

    Parameters
    ----------
    encoder : module
        With an `out_width`: `HouseholdEncoder`, `EventTransformer` or `PooledHistory`.
    width : int
        Width of the projections.
    seed : int
        Of the head's initial weights.
    """

    def __init__(self, encoder: nn.Module, width: int = 128, *, seed: int) -> None:
        super().__init__()
        self.encoder = encoder
        in_width = int(encoder.out_width)  # type: ignore[arg-type]
        with seeded(seed):
            self.head = nn.Sequential(
                nn.Linear(in_width, in_width), nn.GELU(), nn.Linear(in_width, width)
            )

    def forward(self, *inputs: Tensor) -> Tensor:
        """The projections: (b, width); arguments as of the encoder."""
        return self.head(self.encoder(*inputs))
