"""Whether every byte of a record is as it was written: for doctor, backup and restore."""

from index.record.entry import DamagedRecordError
from index.record.rows import NOTHING, state_of
from index.record.snapshot import Snapshot


def faults(snapshot: Snapshot) -> list[str]:
    """What is wrong, a sentence each. Reads the whole record, a document at a time."""
    found = snapshot.database_faults()
    state = NOTHING
    try:
        entries = snapshot.entries
    except DamagedRecordError as error:
        return [*found, str(error)]
    for entry in entries:
        state = state_of(state, come=entry)
        try:
            recipes = snapshot.recipes(entry.id)
            for recipe in recipes:
                snapshot.prepared(entry.id, recipe)
            if not recipes:
                found.append(f"The document {entry.id!r} has no vectors.")
            snapshot.document(entry.id)
            snapshot.boxes(entry.id)
            snapshot.original(entry.id)
        except DamagedRecordError as error:
            found.append(str(error))
    try:
        found += snapshot.talk_faults()
    except DamagedRecordError as error:
        found.append(str(error))
    if state != snapshot.state:
        found.append("The list of documents is not the one that was written.")
    return found
