"""A guideline as a library of HL7 CQL: its facts as parameters, its conditions as definitions, its places in the source as annotations.

`docs/cql.md` says what is exported and how it is verified.
"""

from nelm.interop.cql.guideline import cql_library, file_name
from nelm.interop.cql.library import Define, Library, Parameter
from nelm.interop.cql.values import parameter_values
from nelm.interop.cql.writing import CannotSay

__all__ = ["CannotSay", "Define", "Library", "Parameter", "cql_library", "file_name", "parameter_values"]
