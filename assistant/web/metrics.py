"""What the server counts, as Prometheus reads it. No question, no text and no name is in it."""

from collections.abc import Callable

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 60, 120)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        """All counters begin at nought."""
        from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.questions = Counter(
            "citebrief_questions",
            "Questions that were answered, refused for want of a source, stopped or failed.",
            ("engine", "status", "language", "door"),
            registry=self.registry,
        )
        self.answer_seconds = Histogram(
            "citebrief_answer_seconds",
            "Seconds until an answer was whole.",
            ("door",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.first_sentence_seconds = Histogram(
            "citebrief_first_sentence_seconds",
            "Seconds until the first checked sentence could be shown.",
            ("door",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.checks = Counter(
            "citebrief_checks",
            "Texts that were checked.",
            ("status", "door"),
            registry=self.registry,
        )
        self.searches = Counter(
            "citebrief_searches", "Searches.", ("status", "door"), registry=self.registry
        )
        self.errors = Counter(
            "citebrief_errors",
            "Failures by kind: input, assistant (told to the reader), fault (not foreseen).",
            ("kind",),
            registry=self.registry,
        )
        self.refused = Counter(
            "citebrief_refused",
            "Questions that were not taken: rate, full, stopping.",
            ("why",),
            registry=self.registry,
        )
        self.logins_failed = Counter(
            "citebrief_logins_failed",
            "Logins that failed or were throttled.",
            registry=self.registry,
        )
        self.requests = Counter(
            "citebrief_http_requests",
            "Requests by method and status.",
            ("method", "status"),
            registry=self.registry,
        )

    def follow(self, name: str, told: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is asked for whenever the metrics are read."""
        from prometheus_client import Gauge

        Gauge(name, told, registry=self.registry).set_function(value)

    def text(self) -> tuple[bytes, str]:
        """All of it, and its media type."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry), "text/plain; version=0.0.4; charset=utf-8"
