"""A model's version changes whenever its files do."""

from index.model_files import _samples


def test_a_large_file_is_told_by_samples_from_all_over_it(tmp_path, monkeypatch):
    monkeypatch.setattr("index.model_files.SAMPLE", 4)
    monkeypatch.setattr("index.model_files.SAMPLES", 5)
    file = tmp_path / "weights"
    file.write_bytes(bytes(range(20)))
    assert list(_samples(file)) == [bytes(range(20))]
    file.write_bytes(bytes(range(100)))
    samples = list(_samples(file))
    assert [(sample[0], len(sample)) for sample in samples] == [
        (0, 4), (24, 4), (48, 4), (72, 4), (96, 4)
    ]  # fmt: skip
