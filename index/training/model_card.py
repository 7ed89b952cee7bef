"""Write the model card of the embedder from what a training run counted and measured.

Contract: `render` is pure and returns Markdown; every figure in it comes from its arguments. Not
covered: judging the figures; the limits named here hold for any run of this recipe.
"""

import datetime
from collections.abc import Mapping, Sequence

from index.training.contrastive import Settings
from index.training.measure import Figures, figures_table
from index.training.training_data import SOURCES


def sources_table(rows: Mapping[str, int], held_out: Mapping[str, int]) -> str:
    """One line per source: rows used, rows held out, draws per epoch, licence; as Markdown."""
    lines = [
        "| source | what it is | rows used | held out | weight | licence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {source.note} | {rows.get(name, 0):,} | {held_out.get(name, 0):,} "
        f"| {source.weight:g} | {source.licence} |"
        for name, source in SOURCES.items()
    ]
    return "\n".join(lines)


def command(settings: Settings, dims: int) -> str:
    """The command line that repeats a run."""
    length = f"--steps {settings.steps}" if settings.steps else f"--minutes {settings.minutes:g}"
    return (
        f"python -m index.training.train_embedder --data DATA {length} "
        f"--seed {settings.seed} --vocabulary {settings.vocabulary} --dims {dims}"
    )


def render(
    *,
    rows: Mapping[str, int],
    held_out: Mapping[str, int],
    figures: Sequence[Figures],
    dims: int,
    settings: Settings,
    steps: int,
    date: datetime.date,
    machine: str,
) -> str:
    """The model card."""
    return f"""# CiteBrief embedder, version 2

A small Korean-English sentence embedder: one vector per token, no network layers. It puts a Korean
and an English sentence of the same meaning close together, runs on any processor without a
download, and was trained from random numbers on the sources below; no other model's vectors were
used.

## How a vector is computed

1. Take the text's terms as search does (`index.morphology`): Kiwi's content morphemes in base form
   for Korean, stemmed words for English, without words of grammar, joined by spaces.
2. Cut them with `tokenizer.json` (Unigram, {settings.vocabulary:,} pieces, NFKC and lower case,
   punctuation dropped) and add no special tokens.
3. Drop id 0 (`<unk>`); its row is zero, so keeping it gives the same result after step 5.
4. Take row `embedding[i] * scale[i]` of `model.safetensors` for each token (int8 times one float16
   per row; the row's length is the token's learned weight) and average the rows: {dims} numbers.
5. Divide by the L2 norm. A text without a known token has the zero vector.

The cosine of two vectors is their dot product. The first 256 or 128 numbers, normalised again, work
as a shorter vector.

## What was measured

{figures_table(list(figures))}

Shipped: {dims} dimensions as int8.

FLORES (accuracy@1): 997 development sentences, the share whose nearest neighbour in the other
language is its translation. TyDi QA (MRR@10): questions over the held-out passages of the same or
the other language ({held_out.get("tydiqa-ko", 0):,} Korean and {held_out.get("tydiqa-en", 0):,}
English questions, 700 of each translated into the other language for this project), one vector for
a whole passage, no BM25. Half of all retrieval rows is held out,
split by passage (SHA-256), and was used neither for training nor for the tokenizer; only TyDi QA is
measured.
FLORES was not trained on, but its figures guided the choice of the recipe, so expect a little less
on other text.

Measured {date.isoformat()} on {machine}, {steps:,} steps on one core, by

    {command(settings, dims)}

The steps fix the run but for the tokenizer, whose training sums in parallel and so differs in a few
pieces. For a run that repeats this one exactly add `--tokenizer index/embedder/tokenizer.json`.

## Training

Mean of the token vectors, symmetric in-batch contrastive loss (cosine times 20) at 512, 256 and 128
dimensions together, batches of {settings.batch:,} pairs, {settings.parallel_share:.0%} of them
Korean-English and the rest of one language, Adam on the touched rows from
{settings.learning_rate:g} falling linearly to 0, {settings.token_dropout:.0%} of the tokens left
out at random, texts cut at 128 tokens. Rows that share a text never repel each other.

## Training data

"Weight" is how often a row is drawn per epoch; software strings are drawn seldom, natural sentences
often. Weight 0: left out.

{sources_table(rows, held_out)}

The files hold learned numbers and a list of word pieces, no sentence of any source. The software
strings come from packages under the GPL, the LGPL and similar licences, and some sentences are
under CC BY-SA: we read a table of word vectors as no copy of them, but whoever redistributes the
model should know it. The table credits the sources whose licence asks for credit.

## Limits

- Word order is lost: "A sues B" and "B sues A" have the same vector, and so nearly do a statement
  and its denial. It ranks candidates; it proves nothing.
- A whole passage in one vector blurs; search by sentence does better (docs/benchmarks.md).
- Within one language BM25 over morphemes is the stronger retriever, and across languages BM25 over
  the translation tables (docs/benchmarks.md); use this beside them.
- Words of grammar are dropped, so "can", "must" and "not" leave no trace.
- Most two-language text is about software; of policy, law and the world at large it knows what this
  project's own sentences and word list hold, which were written by a language model at the
  project's bidding and read in samples only. Other names and terms are known by their pieces.
- Punctuation is dropped before anything else, except `%`, `$`, `#` and `+`.
- Korean retrieval pairs are few and mostly everyday talk.
- Cosines are not probabilities; set any threshold on text of your own.
- Trained once, with one seed: differences of under one point are within chance.
"""
