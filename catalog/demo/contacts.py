"""Contacts beside the main one, and relations between programs, that are made up."""

from collections.abc import Iterator, Sequence

from ..models import Contact, ContactPurpose, Program, RelatedProgram, RelationKind
from .source import ExampleSource

# Of a hundred programs whose representative answered, how many name a contact for each purpose.
PURPOSES = {ContactPurpose.PROGRAM: 15, ContactPurpose.TRAINING: 40}
# Of a hundred programs, how many are related to another one, and in which way.
RELATED = 12
RELATIONS = {RelationKind.FAMILY: 30, RelationKind.VERSION: 45, RelationKind.ADAPTATION: 25}
TITLES = ("Director", "Coordinator", "Program Manager")


def make_contacts(source: ExampleSource, program: Program) -> Iterator[Contact]:
    """Yield contacts of a program, not yet saved."""
    writer, chance = source.writer, source.chance
    if program.is_nonresponder:
        return
    for purpose, percent in PURPOSES.items():
        if chance.happens(percent):
            yield Contact(
                program=program,
                purpose=purpose,
                name=f"{writer.any_word('first_name')} {writer.any_word('surname')}",
                title=f"{purpose.label} {chance.choice(TITLES)}",
                organization=program.contact_organization,
                email=f"{purpose}.{program.contact_email}",
                phone=f"(555) 555-01{chance.randint(0, 99):02}" if chance.happens(50) else "",
            )


def make_relations(source: ExampleSource, programs: Sequence[Program]) -> Iterator[RelatedProgram]:
    """Yield relations of some programs, each to another one, not yet saved."""
    for program in programs:
        if len(programs) > 1 and source.chance.happens(RELATED):
            other = source.chance.choice(
                [p for p in source.chance.sample(programs, 2) if p != program]
            )
            yield RelatedProgram(program=program, kind=source.chance.one_of(RELATIONS), other=other)
