"""The declarative base and the column types that every table shares.

Ids are version 7 UUIDs and times are `timestamptz`, both made by the database: an id from a host whose clock is
ahead would fall outside every partition. Bytes that came from outside are `bytea`; `text` and `jsonb` hold only
what we made or cleaned, for PostgreSQL refuses NUL and lone surrogates in them.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, DateTime, MetaData, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Json = Annotated[Any, mapped_column(JSONB)]
#: As its author wrote it: jsonb would sort the keys of every object and turn 1e22 into a 23-digit whole number.
WrittenJson = Annotated[Any, mapped_column(JSON)]


class Base(DeclarativeBase):
    """All tables; `Base.metadata` is what migrations are compared with."""

    type_annotation_map: ClassVar[dict[type, Any]] = {str: Text}
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )


def one_of(column: str, *values: str) -> CheckConstraint:
    """A check that `column` holds one of a closed set of words."""
    return CheckConstraint(f"{column} in ({', '.join(repr(value) for value in values)})", name=column)
