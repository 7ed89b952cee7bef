"""Settings: environment variables CITEBRIEF_… and a .env file, read and checked once at start."""

import os
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import InputError
from index.lexicon import GLOSSARY, THESAURUS

PREFIX = "CITEBRIEF_"
BRIEF = Path(__file__).parent.parent / "index" / "corpus"


class Settings(BaseSettings):
    """Every setting, with its default; the README's table documents each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    library: Path = BRIEF
    index: Path = Field(default_factory=lambda: user_cache_path("citebrief") / "index")
    database: str = Field(
        default_factory=lambda: f"sqlite:///{user_data_path('citebrief') / 'citebrief.db'}"
    )
    ingest_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    ingest_seconds: float = Field(default=900, gt=0, le=86_400)
    ingest_memory: int = Field(default=4000, ge=500, le=1_000_000)
    embedder: str | None = None
    reranker: str | None = None
    nli: str | None = None
    llm: str | None = None
    llm_base_url: str | None = None
    llm_timeout: float = Field(default=60, gt=0, le=3600)
    llm_max_tokens: int = Field(default=4000, ge=50, le=1_000_000)
    llm_passages: int = Field(default=12, ge=1, le=60)
    llm_input_price: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    llm_output_price: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    unverified: Literal["drop", "show"] = "drop"
    glossary: Path = GLOSSARY
    thesaurus: Path = THESAURUS
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    users: int = Field(default=20, ge=1, le=1000)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"

    @property
    def llm_prices(self) -> tuple[float, float] | None:
        """USD per million input and output tokens, where both are set."""
        if self.llm_input_price is None or self.llm_output_price is None:
            return None
        return self.llm_input_price, self.llm_output_price


def load_settings() -> Settings:
    """The settings in force; InputError names the variable, its value and what was expected."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        value = os.environ.get(name, first.get("input"))
        raise InputError(f"{name}={value!r}: {first['msg']}. Correct it or unset it.") from error
