"""From content files to typed content: one validated object per file item, every mistake kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from nelm.criteria import nearest
from nelm.knowledge.findings import Finding
from nelm.knowledge.yamlfile import Document, Mark, Path_, UnreadableFile, read

T = TypeVar("T")

# words of the content that Python keeps for itself
_RENAMED = {"is": "is_", "for": "for_", "from": "from_"}

# what a mistake of Pydantic means to the author of a file
_EXPECTED = {
    "tuple_type": "a list",
    "dict_type": "a mapping ('name: value')",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
}


class Reader:
    """Reads content files below one folder and collects what is wrong with them; `called` is how messages call the folder."""

    def __init__(self, root: Path, called: str = "content/") -> None:
        self.root, self.called = root, called
        self.findings: list[Finding] = []
        self.something_left_out = False
        self.documents: dict[str, Document] = {}

    def document(self, relative: str) -> Document | None:
        """A file of the content, or None where it cannot be read (reported)."""
        if relative not in self.documents:
            try:
                self.documents[relative] = read(self.root / relative, f"{self.called}{relative}")
            except UnreadableFile as error:
                self.something_left_out = True
                self.findings.append(Finding(error.mark, error.message))
                return None
        return self.documents[relative]

    def files(self, folder: str) -> list[str]:
        """The YAML files of a folder, by name; one with another ending is reported, as nobody would read it."""
        for stray in sorted((self.root / folder).glob("*.yml")):
            name = stray.relative_to(self.root).as_posix()
            self.findings.append(Finding(Mark(f"{self.called}{name}"), "Content files end in '.yaml'. Rename this one, or it is not read."))
        return sorted(path.relative_to(self.root).as_posix() for path in (self.root / folder).glob("*.yaml"))

    def report(self, document: Document, path: Path_, message: str) -> None:
        self.findings.append(Finding(document.mark(path), message))

    def report_unknown(self, document: Document, path: Path_, message: str) -> None:
        """Report a name that stands for nothing, unless it may stand in what could not be read and is reported already."""
        if not self.something_left_out:
            self.report(document, path, message)

    def whole(self, kind: type[T], relative: str) -> T | None:
        """A file that holds one object."""
        document = self.document(relative)
        if document is None:
            return None
        if not isinstance(document.data, dict):
            self.report(document, (), "The file has to hold fields ('name: value').")
            self.something_left_out = True
            return None
        return self.validate(kind, document.data, document, ())

    def items(self, kind: type[T], relative: str, *keys: str) -> list[tuple[T, Document, Path_]]:
        """The objects listed under the given keys of a file."""
        document = self.document(relative)
        if document is None:
            return []
        if not isinstance(document.data, dict):
            self.report(document, (), f"The file has to hold one of these lists: {', '.join(keys)}.")
            self.something_left_out = True
            return []
        found: list[tuple[T, Document, Path_]] = []
        for key, value in document.data.items():
            self.something_left_out |= key not in keys or not isinstance(value, list)
            if key not in keys:
                self.report(document, (key,), f"The field {key!r} is not known. Permitted: {', '.join(keys)}.{nearest(key, keys)}")
            elif not isinstance(value, list):
                self.report(document, (key,), f"{key!r} has to be a list.")
            else:
                for number, item in enumerate(value):
                    made = self.validate(kind, item, document, (key, number))
                    if made is not None:
                        found.append((made, document, (key, number)))
        return found

    def validate(self, kind: type[T], data: Any, document: Document, path: Path_) -> T | None:
        """The object that the data describe, or None where they do not (every mistake reported)."""
        try:
            made: T = _adapter(kind).validate_python(_rename(data))
            return made
        except ValidationError as error:
            self.something_left_out = True
            for problem in error.errors(include_url=False):
                where = (*path, *(_written(part) for part in problem["loc"] if not _is_branch(part)))
                self.report(document, where, _message(problem))
            return None


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    """What validates a kind of content; made once, as making one costs more than reading a small file."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _rename(data: Any) -> Any:
    if isinstance(data, dict):
        return {_RENAMED.get(key, key): _rename(value) for key, value in data.items()}
    return [_rename(value) for value in data] if isinstance(data, list) else data


def _written(part: str | int) -> str | int:
    return next((written for written, renamed in _RENAMED.items() if renamed == part), part)


def _is_branch(part: str | int) -> bool:
    """Pydantic names the branch of a union in the location; it is not part of the file."""
    return isinstance(part, str) and (part == "str" or "[" in part or part.startswith("function-"))


def _message(problem: Any) -> str:
    field = _written(problem["loc"][-1]) if problem["loc"] else "the item"
    match problem["type"]:
        case "missing":
            return f"The field {field!r} is missing."
        case "unexpected_keyword_argument" | "extra_forbidden":
            return f"The field {field!r} is not known here."
        case "literal_error":
            return f"{problem['input']!r} is not permitted. Permitted: {problem['ctx']['expected']}."
        case "dataclass_type" | "dataclass_exact_type":
            return f"Found {problem['input']!r} where fields ('name: value') are expected."
        case kind:
            wanted = _EXPECTED.get(kind)
            return f"Found {problem['input']!r} where {wanted} is expected." if wanted else f"Found {problem['input']!r}: {problem['msg']}."
