"""The data that a fresh checkout begins with, from ``fixtures/``: a topic area with its programs, and the glossary."""

from django.core.management import call_command

from ..history.bulk_writer import BulkWriter
from ..models import Program, Rating, Reference, Term, TopicArea, TopicExpert
from ..models.base import CatalogModel

SEED = (TopicExpert, Reference, TopicArea, Program, Rating)


def load_seed() -> bool:
    """Load a topic area with its programs into a catalog that has neither; return whether it was loaded."""
    if TopicArea.objects.exists() or Program.objects.exists():
        return False
    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)
    begin_history(*SEED)
    return True


def load_glossary() -> bool:
    """Load the glossary where there is no term yet; return whether it was loaded."""
    if Term.objects.exists():
        return False
    call_command("loaddata", "glossary", verbosity=0)
    begin_history(Term)
    return True


def begin_history(*models: type[CatalogModel]) -> None:
    """Write the first history row of every entry that was loaded: loaddata writes none, or ones without a name."""
    writer = BulkWriter(user=None, reason="Loaded with the seed", record=None)
    for model in models:
        model.history.all().delete()
        writer.record_history(model, model._default_manager.values_list("pk", flat=True), "+")
