"""Metrics that are switched on, and what they wrote."""

from collections.abc import Callable, Iterator

import pytest

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.rotation import Limits
from bicameral.environment import Environment
from bicameral.observe.metrics.recording import Metrics

ON = TelemetryFlags(preflight=True)
RAW = TelemetryFlags(preflight=True, raw=True)
MakeMetrics = Callable[..., Metrics]


@pytest.fixture
def make_metrics(environment: Environment) -> Iterator[MakeMetrics]:
    made: list[Metrics] = []

    def make(
        flags: TelemetryFlags = ON,
        *,
        limits: Limits | None = None,
        environment: Environment = environment,
    ) -> Metrics:
        metrics = Metrics(environment, flags, limits=limits or Limits())
        made.append(metrics)
        return metrics

    yield make
    for each in made:
        each.log.close()


@pytest.fixture
def metrics(make_metrics: MakeMetrics) -> Metrics:
    return make_metrics()
