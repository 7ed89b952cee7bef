"""Settings: environment variables CITEBRIEF_… and a .env file, read and checked once at start."""

import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import InputError
from index.chroma import LOGIN, StoreServer
from index.lexicon import GLOSSARY, THESAURUS

PREFIX = "CITEBRIEF_"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,60}[A-Za-z0-9]")  # as Chroma takes them
# A name, *.name for all below it, an address of IPv4 or IPv6, or * for any.
HOST = re.compile(r"\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*:[0-9a-f:.]+")
SLACK = "https://slack.com/api/"
BRIEF = Path(__file__).parent.parent / "index" / "corpus"


def _by_slack(name: str) -> AliasChoices:
    """The variable of a setting that Slack has a name for, which is read where ours is not set."""
    return AliasChoices(f"{PREFIX}{name}", name)


class Settings(BaseSettings):
    """Every setting, with its default; the README's table documents each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    library: Path = BRIEF
    index: Path = Field(default_factory=lambda: user_cache_path("citebrief") / "index")
    database: str = Field(
        default_factory=lambda: f"sqlite:///{user_data_path('citebrief') / 'citebrief.db'}"
    )
    ingest_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    ingest_seconds: float = Field(default=900, gt=0, le=86_400)
    ingest_memory: int = Field(default=4000, ge=500, le=1_000_000)
    store_url: str | None = None
    store_token: SecretStr | None = None
    store_tenant: str = "default_tenant"
    store_database: str = "default_database"
    store_namespace: str = "citebrief"
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

    # Who may upload and remove documents in the browser.
    uploads: Literal["anyone", "admins", "nobody"] = "anyone"
    font: str | None = None  # of PDFs: a path, or path#face
    # The server: who may ask, how much, and what it tells of itself.
    login: Literal["on", "off"] = "off"
    rate: str = "30/minute"
    queue: int = Field(default=200, ge=1, le=100_000)
    upload_mb: int = Field(default=50, ge=1, le=500)
    grace: float = Field(default=20, ge=0, le=3600, allow_inf_nan=False)
    metrics: Literal["on", "off"] = "on"
    metrics_token: SecretStr | None = None
    mcp: Literal["on", "off"] = "on"
    log_format: Literal["text", "json"] = "text"
    log_questions: bool = False
    hosts: str | None = None  # names by which a browser may call the server, comma separated

    # The Slack bot.
    slack_bot_token: SecretStr | None = Field(
        default=None, validation_alias=_by_slack("SLACK_BOT_TOKEN")
    )
    slack_app_token: SecretStr | None = Field(
        default=None, validation_alias=_by_slack("SLACK_APP_TOKEN")
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias=_by_slack("SLACK_SIGNING_SECRET")
    )
    slack_mode: Literal["socket", "http", "chat"] = "socket"
    slack_host: str = "127.0.0.1"
    slack_port: int = Field(default=3000, ge=1, le=65535)
    slack_workers: int = Field(default=4, ge=1, le=64)
    slack_api_url: str = SLACK
    public_url: str | None = None  # where readers open the page

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, hosts: str | None) -> str | None:
        """Each as a browser sends it: in small letters, a Korean name in its ASCII form."""
        if hosts is None:
            return None
        wrong = "Value should be names separated by commas, such as brief.example.org, without port"
        names: list[str] = []
        for given in hosts.split(","):
            try:
                name = given.strip().lower().strip("[]").encode("idna").decode()
            except UnicodeError:  # an empty or an overlong part
                raise ValueError(wrong) from None
            if not HOST.fullmatch(name):
                raise ValueError(wrong)
            names.append(name)
        return ",".join(names)

    @field_validator("rate")
    @classmethod
    def _rate(cls, rate: str) -> str:
        """Off, or a number per time."""
        text = rate.strip().lower()
        if not re.fullmatch(r"off|[1-9]\d{0,5}/(second|minute|hour|day)", text):
            raise ValueError("Value should be off, or a number per time such as 30/minute")
        return text

    @field_validator("store_url", "slack_api_url", "public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        """An address that a browser could open, without a question or a fragment."""
        if url is None:
            return None
        parts = urlsplit(url)
        try:
            sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # a port that is no number
            sound = None
        if not sound or parts.query or parts.fragment:
            raise ValueError("Value should be an address such as http://127.0.0.1:8000")
        return url

    @field_validator("store_token", "metrics_token")
    @classmethod
    def _header(cls, token: SecretStr | None) -> SecretStr | None:
        """What may stand in a header."""
        if token is not None and not re.fullmatch(r"[!-~]+", token.get_secret_value()):
            raise ValueError("Value should be ASCII letters, digits and signs, without spaces")
        return token

    @field_validator("store_tenant", "store_database", "store_namespace")
    @classmethod
    def _name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError("Value should be 3 to 62 ASCII letters, digits, dots, - or _")
        return name

    @property
    def store(self) -> StoreServer | None:
        """The Chroma server that keeps the vectors; None: they are in the index folder."""
        if self.store_url is None:
            return None
        token = self.store_token.get_secret_value() if self.store_token else None
        names = (self.store_tenant, self.store_database, self.store_namespace)
        return StoreServer(self.store_url, token, *names)

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
        name = PREFIX + str(first["loc"][0]).upper().removeprefix(PREFIX)
        value = os.environ.get(name, first.get("input"))
        if name in (f"{PREFIX}STORE_TOKEN", f"{PREFIX}METRICS_TOKEN"):
            value = "…"  # a secret
        elif name == f"{PREFIX}STORE_URL":
            value = LOGIN.sub("…", str(value))
        raise InputError(f"{name}={value!r}: {first['msg']}. Correct it or unset it.") from error
