"""Resources: a decision, the feature groups, and the state of capture, by address."""

from collections.abc import Mapping

from bicameral.ledger.listing import feature_groups
from bicameral.serving.tool import Call, Resource, ResourceTemplate
from handlers import history, telemetry
from handlers.services import Services

MOST_GROUPS = 500


def read_decision(services: Services, call: Call, variables: Mapping[str, str]) -> str:
    """Return one decision in full, as JSON."""
    return history.read_one(services, call, variables["id"]).model_dump_json()


def read_features(services: Services, call: Call) -> str:
    """Return the feature groups with their numbers of decisions, as JSON."""
    with services.ledger.reading() as connection:
        view = services.workspace.view(connection)
        groups = feature_groups(connection, view.repository_id, limit=MOST_GROUPS) if view else []
    cards = [history.GroupCard(feature_group=name, decisions=count) for name, count in groups]
    return history.HistoryAnswer(feature_groups=cards).model_dump_json()


def read_telemetry(services: Services, call: Call) -> str:
    """Return what is captured, as JSON."""
    return telemetry.run(services, call, telemetry.TelemetryArguments()).model_dump_json()


RESOURCES = (
    Resource(
        uri="bicameral://features",
        name="features",
        title="Feature groups",
        description="The groups that decisions belong to, with their numbers.",
        read=read_features,
    ),
    Resource(
        uri="bicameral://telemetry/status",
        name="telemetry-status",
        title="What is captured",
        description="What Bicameral records about its use on this machine.",
        read=read_telemetry,
    ),
)
TEMPLATES = (
    ResourceTemplate(
        uri_template="bicameral://decisions/{id}",
        name="decision",
        title="A decision",
        description="One decision in full, with its regions and its past.",
        read=read_decision,
    ),
)
