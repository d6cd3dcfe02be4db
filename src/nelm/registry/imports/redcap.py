"""Exports from REDCap: raw data (codes and variable names) are read, exports with labels are refused.

A raw export has a row for each record, event and repeat. The columns that say which are `redcap_event_name`,
`redcap_repeat_instrument` and `redcap_repeat_instance`; a checkbox field has a column `field___code` for each box, with 1 or 0.
"""

from __future__ import annotations

import re

from nelm.registry.tables.delimited_rows import Opened
from nelm.registry.tables.delimited_text import DelimitedError

STRUCTURE = frozenset(
    {"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group", "redcap_survey_identifier"}
)
COMPLETE = "_complete"
_VARIABLE = re.compile(r"[a-z][a-z0-9_]*")
_CODES_OF_COMPLETE = frozenset({"", "0", "1", "2"})
_ADVICE = "In REDCap choose 'Export data', format 'CSV / Microsoft Excel (raw data)', without labels."


def structural(opened: Opened) -> frozenset[str]:
    """The columns that REDCap adds: they say where a row belongs, and hold no data of the patient."""
    return frozenset(name for name in opened.header if name in STRUCTURE or name.endswith((COMPLETE, "_timestamp")))


def check_raw(opened: Opened) -> None:
    """Raises DelimitedError for an export with labels: they change with every edit of the form, codes do not."""
    labels = [name for name in opened.header if _VARIABLE.fullmatch(name) is None]
    if labels:
        raise DelimitedError(
            f"{opened.path}:1: this export has labels instead of variable names ({labels[0]!r}). Labels change with the form, names do not. {_ADVICE}"
        )
    checked = [name for name in opened.header if "___" in name or name.endswith(COMPLETE)]
    for block in opened.blocks() if checked else ():
        for name in checked:
            for row, text in enumerate(block.cells[name].str.strip_chars()):
                if (text not in _CODES_OF_COMPLETE and name.endswith(COMPLETE)) or text in ("Checked", "Unchecked"):
                    raise DelimitedError(
                        f"{opened.path}:{block.lines[row]}: {name}: found {text!r}, a label instead of a code. "
                        f"Labels change with the form, codes do not. {_ADVICE}"
                    )
