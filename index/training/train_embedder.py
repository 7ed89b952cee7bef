"""Train the Korean-English sentence embedder that ships in `index/embedder/`.

Purpose: one command from the data folder to tokenizer, int8 table, configuration and model card.
Contract: `python -m index.training.train_embedder --data DATA --out index/embedder`. The data
folder is only read (see `training_data`); nothing is fetched from a network. Needs about 3 GiB of
memory and one core. The seed fixes the order of the pairs, but two trained tokenizers differ
slightly (the library sums in parallel); with a given `--tokenizer` the run repeats step for step.
Not covered: use of the embedder in answering, choice of a sentence window, hard negatives.
"""

import argparse
import datetime
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from index.morphology import Morphology
from index.training import model_card
from index.training.contrastive import MATRYOSHKA, Settings, train
from index.training.measure import Benchmark, Figures, Question, figures_table, measure
from index.training.training_data import (
    SOURCES,
    Pair,
    TokenTexts,
    as_terms,
    pair_set,
    pairs_as_terms,
    question_key,
    read_flores,
    read_lexicon,
    read_parallel,
    read_quads,
    read_questions,
    read_retrieval,
    read_sentences,
    tokenise,
)
from index.training.unigram import save_tokenizer, train_tokenizer

FloatArray = NDArray[np.float32]
OUT = Path("index/embedder")
STEPS = 7_000


def tokenizer_texts(pairs: Sequence[Pair]) -> Iterator[str]:
    """Both sides of every natural pair, and of every third software string of low weight."""
    for number, pair in enumerate(pairs):
        if SOURCES[pair.source].weight >= 0.5 or number % 3 == 0:
            yield pair.left
            yield pair.right


def read_benchmark(
    tokenizer: Tokenizer, data: Path, measuring: Sequence[Pair], morphology: Morphology
) -> Benchmark:
    """FLORES development sentences and held-out TyDi QA questions, as the model reads them.

    Questions in the other language than their passages are this project's translations.
    """

    def tokens(texts: Sequence[str]) -> TokenTexts:
        return tokenise(tokenizer, as_terms(morphology, texts), None)  # whole, however long

    korean, english = read_flores(data)
    translated = {question.key: question.question for question in read_questions()}
    retrieval = {}
    for source, own, across in (("tydiqa-ko", "ko", "en>ko"), ("tydiqa-en", "en", "ko>en")):
        chosen = [pair for pair in measuring if pair.source == source]
        places = {text: i for i, text in enumerate(dict.fromkeys(pair.right for pair in chosen))}
        passages = tokens(list(places))
        foreign = {key: pair for pair in chosen if (key := question_key(pair)) in translated}
        for task, pairs, questions in (
            (own, chosen, [pair.left for pair in chosen]),
            (across, list(foreign.values()), [translated[key] for key in foreign]),
        ):
            answers = np.array([places[pair.right] for pair in pairs], dtype=np.int64)
            retrieval[task] = Question(tokens(questions), passages, answers)
    return Benchmark(tokens(korean), tokens(english), retrieval)


def quantise(table: FloatArray) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Symmetric int8 per row: row i is `embedding[i] * scale[i]`, scale = largest value / 127."""
    largest = np.abs(table).max(axis=1)
    scale = np.maximum(largest / 127.0, 1e-7).astype(np.float16)
    steps = np.rint(table / np.maximum(scale.astype(np.float32), 1e-7)[:, None])
    return np.clip(steps, -127, 127).astype(np.int8), scale


def restore(embedding: NDArray[np.int8], scale: NDArray[np.float16]) -> FloatArray:
    """The float32 table [vocabulary, dims] a reader of the shipped file gets."""
    restored: FloatArray = embedding.astype(np.float32) * scale.astype(np.float32)[:, None]
    return restored


def measure_all(table: FloatArray, benchmark: Benchmark) -> list[Figures]:
    """Figures before and after quantisation, at the full length and at half of it."""
    half, full = MATRYOSHKA[-2], MATRYOSHKA[-1]
    rows: list[Figures] = []
    for dims in (full, half):
        cut = np.ascontiguousarray(table[:, :dims])
        rows.append(measure(cut, benchmark, dims, "float32"))
        rows.append(measure(restore(*quantise(cut)), benchmark, dims, "int8"))
    return rows


def write_model(out: Path, table: FloatArray, tokenizer: Tokenizer) -> None:
    """Write `tokenizer.json`, `model.safetensors` and `config.json` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    embedding, scale = quantise(table)
    save_tokenizer(tokenizer, out / "tokenizer.json")
    save_file({"embedding": embedding, "scale": scale}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)  # safetensors writes it for its owner alone
    config = {
        "format": "static-int8",
        "dimensions": table.shape[1],
        "vocabulary": table.shape[0],
        "normalize": True,
        "reads_terms": True,
        "unknown_token_id": 0,
        "matryoshka_dimensions": [d for d in MATRYOSHKA if d <= table.shape[1]],
        "languages": ["ko", "en"],
        "version": "2",
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def load_tokenizer(
    path: Path | None, texts: Iterator[str], vocabulary: int, out: Path
) -> Tokenizer:
    """The tokenizer at `path`, or else a new one of `texts`; read back as it will ship."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(path)) if path else train_tokenizer(texts, vocabulary)
    save_tokenizer(tokenizer, out / "tokenizer.json")
    return Tokenizer.from_file(str(out / "tokenizer.json"))


def read_pairs(data: Path, morphology: Morphology) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Pairs to train with, parallel ones and those of questions, as terms; and those to measure."""
    asked_and_told, across = read_quads()
    parallel = [*read_parallel(data), *read_sentences(), *read_lexicon(), *asked_and_told]
    training, measuring = read_retrieval(data)
    retrieval = [*training, *across]
    return pairs_as_terms(morphology, parallel), pairs_as_terms(morphology, retrieval), measuring


def run(
    data: Path, out: Path, ready: Path | None, dims: int, machine: str, settings: Settings
) -> None:
    """Train, measure, print the table and write the shipped folder."""
    morphology = Morphology()
    parallel, retrieval, measuring = read_pairs(data, morphology)
    print(f"{len(parallel)} parallel, {len(retrieval)} retrieval pairs, {len(measuring)} held out")
    texts = tokenizer_texts([*parallel, *retrieval])
    tokenizer = load_tokenizer(ready, texts, settings.vocabulary, out)
    print(f"tokenizer: {tokenizer.get_vocab_size()} pieces", flush=True)
    sets = pair_set(tokenizer, parallel), pair_set(tokenizer, retrieval)
    print("tokenised", flush=True)
    table = train(*sets, settings)
    figures = measure_all(table, read_benchmark(tokenizer, data, measuring, morphology))
    print(figures_table(figures))
    write_model(out, np.ascontiguousarray(table[:, :dims]), tokenizer)
    card = model_card.render(
        rows=Counter(pair.source for pair in [*parallel, *retrieval]),
        held_out=Counter(pair.source for pair in measuring),
        figures=figures,
        dims=dims,
        settings=settings,
        date=datetime.date.today(),
        machine=machine,
    )
    (out / "README.md").write_text(card, encoding="utf-8")


def measure_shipped(data: Path, folder: Path) -> None:
    """Print the figures of an embedder that was trained before."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "model.safetensors")
    table = restore(tensors["embedding"], tensors["scale"])
    table[config["unknown_token_id"]] = 0.0
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    _, measuring = read_retrieval(data)
    benchmark = read_benchmark(tokenizer, data, measuring, Morphology())
    print(figures_table([measure(table, benchmark, table.shape[1], "int8")]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Train the Korean-English sentence embedder.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write")
    parser.add_argument("--steps", type=int, default=STEPS, help="batches to train with")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--vocabulary", type=int, default=60_000, help="pieces of the tokenizer")
    parser.add_argument("--dims", type=int, choices=MATRYOSHKA, default=MATRYOSHKA[-1])
    parser.add_argument("--machine", default="2 cores, 24 GiB, no GPU", help="for the model card")
    parser.add_argument("--tokenizer", type=Path, help="use this one, in place of a new one")
    parser.add_argument("--only-measure", type=Path, metavar="FOLDER", help="of a trained embedder")
    options = parser.parse_args(arguments)
    if options.only_measure:
        measure_shipped(options.data, options.only_measure)
        return
    settings = Settings(options.steps, options.seed, options.vocabulary)
    run(options.data, options.out, options.tokenizer, options.dims, options.machine, settings)


if __name__ == "__main__":
    main()
