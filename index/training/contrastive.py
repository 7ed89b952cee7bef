"""The training loop: static token vectors, symmetric in-batch contrastive loss, row-wise Adam.

Contract: `train` returns a float32 table [vocabulary, dims]; row 0 (`<unk>`) is zero. A run repeats
exactly on the same build of torch. Not covered: mined hard negatives, more than one processor core.
"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from index.training.training_data import IntArray, PairSet, TokenTexts

FloatArray = NDArray[np.float32]
MATRYOSHKA = (128, 256, 512)  # lengths trained together (Kusupati et al. 2022)
SCALE = 20.0  # cosines are multiplied by this: a temperature of 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how fast to train; the shares are of 1."""

    steps: int
    seed: int
    vocabulary: int
    batch: int = 1536
    learning_rate: float = 0.03
    parallel_share: float = 0.68
    token_dropout: float = 0.1


class RowAdam:
    """Adam (Kingma and Ba 2015) on only the rows a batch touched: most of the table rests.

    Scratch tables are kept between steps: fresh memory for every step costs more than the sums.
    """

    def __init__(self, table: torch.Tensor) -> None:
        self.table = table
        self.first = torch.zeros_like(table)
        self.second = torch.zeros_like(table)
        self.scratch = torch.empty_like(table), torch.empty_like(table)
        self.steps = 0

    def step(self, rows: torch.Tensor, gradient: torch.Tensor, rate: float) -> None:
        """Move `table[rows]` against `gradient` [rows, dims]; `rate` in units of the table."""
        self.steps += 1
        first, second = (scratch[: len(rows)] for scratch in self.scratch)
        torch.index_select(self.first, 0, rows, out=first).lerp_(gradient, 0.1)
        torch.index_select(self.second, 0, rows, out=second).mul_(0.999)
        second.addcmul_(gradient, gradient, value=0.001)
        self.first.index_copy_(0, rows, first)
        self.second.index_copy_(0, rows, second)
        size = rate * (1 - 0.999**self.steps) ** 0.5 / (1 - 0.9**self.steps)
        change = first.mul_(-size).div_(second.sqrt_().add_(1e-8))
        self.table.index_add_(0, rows, change)


class ContrastiveLoss:
    """Symmetric in-batch cross entropy, averaged over the Matryoshka lengths, with its gradient.

    For cosines S [batch, batch] of unit rows L and R: the mean of (log sum_j exp(20 S_ij) +
    log sum_j exp(20 S_ji)) / 2 - 20 S_ii. The gradient is written out, because autograd keeps and
    copies many [batch, batch] tables and takes over twice as long. Products are taken in bfloat16:
    four times as fast where the processor has it, and an error of 0.04 in a score of up to 20.
    """

    def __init__(self, batch: int) -> None:
        self.scores = torch.empty(batch, batch)
        self.shares = torch.empty(batch, batch)

    def __call__(
        self, left: torch.Tensor, right: torch.Tensor, repeated: torch.Tensor
    ) -> tuple[float, torch.Tensor, torch.Tensor]:
        """The loss and its gradients by `left` and `right`, all [batch, dims].

        `repeated` [pairs, 2]: places (i, j) whose rows share a text and do not repel.
        """
        loss = 0.0
        left_gradient, right_gradient = torch.zeros_like(left), torch.zeros_like(right)
        for dims in MATRYOSHKA:
            left_norm = left[:, :dims].norm(dim=1, keepdim=True).clamp_min_(1e-8)
            right_norm = right[:, :dims].norm(dim=1, keepdim=True).clamp_min_(1e-8)
            left_unit, right_unit = left[:, :dims] / left_norm, right[:, :dims] / right_norm
            low_left, low_right = left_unit.bfloat16(), right_unit.bfloat16()
            part, by_score = self.one_length(low_left, low_right, repeated)
            loss += part
            left_gradient[:, :dims] += through_norm(by_score @ low_right, left_unit, left_norm)
            right_gradient[:, :dims] += through_norm(by_score.T @ low_left, right_unit, right_norm)
        lengths = len(MATRYOSHKA)
        return loss / lengths, left_gradient.div_(lengths), right_gradient.div_(lengths)

    def one_length(
        self, left: torch.Tensor, right: torch.Tensor, repeated: torch.Tensor
    ) -> tuple[float, torch.Tensor]:
        """The loss of unit rows, and its gradient by the cosines [batch, batch] in bfloat16."""
        weight = self.scores.copy_(left @ right.T).sub_(1.0).mul_(SCALE)
        own = weight.diagonal().clone()
        weight.exp_()  # cosines end at 1, so this cannot overflow and needs no running maximum
        weight[repeated[:, 0], repeated[:, 1]] = 0.0
        rows, columns = weight.sum(dim=1), weight.sum(dim=0)
        loss = ((rows.log() + columns.log()) / 2 - own).mean().item()
        torch.add(0.5 / rows[:, None], 0.5 / columns[None, :], out=self.shares)
        by_score = weight.mul_(self.shares)
        by_score.diagonal().sub_(1.0)
        return loss, by_score.mul_(SCALE / len(own)).bfloat16()


def through_norm(gradient: torch.Tensor, unit: torch.Tensor, norm: torch.Tensor) -> torch.Tensor:
    """The gradient by x of a loss whose gradient by the unit row x / norm is given."""
    gradient = gradient.float()
    along = (gradient * unit).sum(dim=1, keepdim=True)
    return (gradient - unit * along) / norm


def repeated_places(left: NDArray[np.int64], right: NDArray[np.int64]) -> torch.Tensor:
    """Places (i, j), i not j, of two rows in a batch that share a text; [places, 2]."""
    a, b = torch.from_numpy(left), torch.from_numpy(right)
    equal = (a[:, None] == a[None, :]).logical_or_(b[:, None] == b[None, :])
    return equal.fill_diagonal_(False).nonzero()


class Batches:
    """Endless shuffled batches out of one set of pairs."""

    def __init__(self, pairs: PairSet, size: int, random: np.random.Generator) -> None:
        self.pairs = pairs
        self.size = size
        self.random = random
        self.rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def next_rows(self) -> NDArray[np.int64]:
        """The row numbers of the next batch; a new epoch begins when too few are left."""
        if len(self.rows) < self.size:
            self.rows = self.pairs.epoch(self.random)
        batch, self.rows = self.rows[: self.size], self.rows[self.size :]
        return batch


def drop_tokens(
    tokens: IntArray, begins: NDArray[np.int64], share: float, random: np.random.Generator
) -> tuple[IntArray, NDArray[np.int64]]:
    """Leave out a share of the tokens, never a text's first: noise against learning by heart."""
    keep = random.random(len(tokens)) >= share
    keep[begins] = True
    kept_before: NDArray[np.int64] = np.cumsum(keep) - keep
    return tokens[keep], kept_before[begins]


def batch_tokens(
    texts: TokenTexts, rows: NDArray[np.int64], share: float, random: np.random.Generator
) -> tuple[IntArray, NDArray[np.int64]]:
    """Tokens of a batch end to end, and where each text begins, after token dropout."""
    tokens, begins = texts.take(rows)
    return drop_tokens(tokens, begins, share, random)


class Trainer:
    """The table, its optimizer and loss: `step` moves the table by one batch."""

    def __init__(self, settings: Settings, random: np.random.Generator) -> None:
        self.settings = settings
        self.random = random
        self.table = torch.randn(settings.vocabulary, MATRYOSHKA[-1])
        self.optimizer = RowAdam(self.table)
        self.loss = ContrastiveLoss(settings.batch)

    def step(self, pairs: PairSet, rows: NDArray[np.int64], rate: float) -> float:
        """One batch: loss, gradient of the touched token rows, Adam. Returns the loss."""
        dropout = self.settings.token_dropout
        left, left_begins = batch_tokens(pairs.left, rows, dropout, self.random)
        right, right_begins = batch_tokens(pairs.right, rows, dropout, self.random)
        tokens = torch.from_numpy(np.concatenate([left, right]).astype(np.int64))
        begins = torch.from_numpy(np.concatenate([left_begins, right_begins + len(left)]))
        used, places = torch.unique(tokens, return_inverse=True)
        vectors = self.table[used].requires_grad_()
        means = functional.embedding_bag(places, vectors, begins, mode="mean")
        repeated = repeated_places(pairs.left_hash[rows], pairs.right_hash[rows])
        outputs = means.detach()
        loss, *gradients = self.loss(outputs[: len(rows)], outputs[len(rows) :], repeated)
        (gradient,) = torch.autograd.grad(means, [vectors], torch.cat(gradients))
        self.optimizer.step(used, gradient, rate)
        return loss


def train(parallel: PairSet, retrieval: PairSet, settings: Settings) -> FloatArray:
    """Train a token table [vocabulary, 512]."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    trainer = Trainer(settings, random)
    sets = [Batches(pairs, settings.batch, random) for pairs in (parallel, retrieval)]
    begin, mean = time.monotonic(), 0.0
    for step in range(settings.steps):
        chosen = sets[0] if random.random() < settings.parallel_share else sets[1]
        rate = settings.learning_rate * (1.0 - step / settings.steps)
        loss = trainer.step(chosen.pairs, chosen.next_rows(), rate)
        mean = 0.98 * mean + 0.02 * loss if step else loss
        if (step + 1) % 100 == 0:
            seconds = time.monotonic() - begin
            print(f"step {step + 1}  {seconds:.0f} s  mean loss {mean:.3f}", flush=True)
    trainer.table[0] = 0.0
    result: FloatArray = trainer.table.numpy()
    return result
